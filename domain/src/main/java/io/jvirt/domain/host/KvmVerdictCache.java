// SPDX-License-Identifier: Apache-2.0
package io.jvirt.domain.host;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Remembers verdicts in a directory: one file per URI of two lines, the key (boot id and the device file's permissions)
 * and the verdict. Whatever cannot be read or written is no verdict, and the probe runs again.
 */
final class KvmVerdictCache {
    private final Path directory;
    private final String key;

    KvmVerdictCache(Path directory, String key) {
        this.directory = directory;
        this.key = key;
    }

    static KvmVerdictCache ofThisMachine() {
        String boot;
        try {
            boot = Files.readString(Path.of("/proc/sys/kernel/random/boot_id")).strip();
        } catch (IOException e) {
            boot = "unknown";
        }
        return new KvmVerdictCache(directory(), boot + " " + DeviceFile.permissions());
    }

    private static Path directory() {
        if ("root".equals(System.getProperty("user.name"))) {
            return Path.of("/run/jvirt");
        }
        String runtime = System.getenv("XDG_RUNTIME_DIR");
        return runtime != null && !runtime.isEmpty()
                ? Path.of(runtime, "jvirt")
                : Path.of(System.getProperty("user.home", "/"), ".cache", "jvirt");
    }

    @Nullable
    KvmVerdict find(String uri) {
        if (key.startsWith("unknown")) {
            return null;
        }
        try {
            List<String> lines = Files.readAllLines(file(uri), StandardCharsets.UTF_8);
            if (lines.size() != 2 || !lines.get(0).equals(key)) {
                return null;
            }
            int space = lines.get(1).indexOf(' ');
            return space < 0
                    ? null
                    : new KvmVerdict(
                            lines.get(1).startsWith("works "), lines.get(1).substring(space + 1));
        } catch (IOException e) {
            return null;
        }
    }

    void remember(String uri, KvmVerdict verdict) {
        try {
            Files.createDirectories(directory);
            Path whole = Files.createTempFile(directory, "kvm", ".tmp");
            String line =
                    (verdict.works() ? "works " : "fails ") + verdict.reason().replace('\n', ' ');
            Files.writeString(whole, key + "\n" + line + "\n");
            Files.move(whole, file(uri), StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
        } catch (IOException e) {
            // The next command probes again: slower, not wrong.
            return;
        }
    }

    private Path file(String uri) {
        StringBuilder name = new StringBuilder("kvm-");
        for (int i = 0; i < uri.length(); i++) {
            char c = uri.charAt(i);
            name.append(c < 128 && Character.isLetterOrDigit(c) ? c : '_');
        }
        return directory.resolve(name.toString());
    }
}
