// SPDX-License-Identifier: Apache-2.0
package io.jvirt.cli.vm;

import io.jvirt.domain.JvirtException;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import org.jspecify.annotations.Nullable;

/** The systemd unit that calls {@code autostart run} at boot and {@code autostart stop} before the host goes down. */
final class AutostartUnit {
    static final String NAME = "jvirt-autostart.service";
    static final Path DIRECTORY = Path.of("/etc/systemd/system");

    private static final String MARK = "# Written by 'jvirt autostart install-unit'.";

    private AutostartUnit() {}

    /**
     * The unit's text. It stops before libvirt's daemon, and before libvirt-guests would suspend what is left: units stop in
     * the reverse of their start.
     *
     * @param launcher absolute path of jvirt
     * @param uri given to it with -c; null for its own choice
     */
    static String text(Path launcher, @Nullable String uri) {
        String jvirt = quoted(launcher.toString()) + (uri == null ? "" : " -c " + quoted(uri));
        return MARK + "\n" + """
                [Unit]
                Description=Virtual machines in the order of jvirt autostart
                Wants=network-online.target
                After=network-online.target remote-fs.target nss-lookup.target
                After=libvirtd.service virtqemud.service virtnetworkd.service virtstoraged.service
                After=libvirt-guests.service virt-guest-shutdown.target

                [Service]
                Type=oneshot
                RemainAfterExit=yes
                ExecStart=%1$s autostart run
                ExecStop=%1$s autostart stop --force
                # Each machine has time limits of its own.
                TimeoutStartSec=infinity
                TimeoutStopSec=infinity

                [Install]
                WantedBy=multi-user.target
                """.formatted(jvirt);
    }

    /** Writes the unit beside its place and renames it; another one's file is not replaced without {@code force}. */
    static Path install(Path directory, String text, boolean force) throws IOException {
        Path unit = directory.resolve(NAME);
        try {
            String present = Files.readString(unit);
            if (!present.startsWith(MARK) && !force) {
                throw JvirtException.refused(
                        unit + " is there, and jvirt did not write it",
                        "look at it, then: jvirt autostart install-unit --force");
            }
        } catch (NoSuchFileException e) {
            if (!Files.isDirectory(directory)) {
                throw JvirtException.notFound(
                        "no directory " + directory + ": is systemd the service manager here?",
                        "jvirt autostart install-unit --print shows the unit; any start script may run its ExecStart");
            }
        }
        Path beside = directory.resolve("." + NAME + ".new");
        Files.writeString(beside, text, StandardCharsets.UTF_8);
        try (FileChannel written = FileChannel.open(beside, StandardOpenOption.WRITE)) {
            written.force(true);
        }
        Files.move(beside, unit, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
        return unit;
    }

    /** systemd.service(5): blanks need quotes, % and $ are doubled. */
    private static String quoted(String word) {
        String escaped = word.replace("\\", "\\\\")
                .replace("\"", "\\\"")
                .replace("%", "%%")
                .replace("$", "$$");
        return escaped.matches("\\S+") ? escaped : '"' + escaped + '"';
    }
}
