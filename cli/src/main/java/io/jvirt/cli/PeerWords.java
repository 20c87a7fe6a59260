// SPDX-License-Identifier: Apache-2.0
package io.jvirt.cli;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.Map;
import java.util.Properties;
import org.jspecify.annotations.Nullable;

/** What the words of virsh, virt-install, virt-clone and qemu-img are here: hints for hands that know those. */
final class PeerWords {
    private static final String TABLE = "peer-words.properties";

    /** virsh's groups of commands whose names begin with the object, and what it is called here. */
    private static final Map<String, String> GROUPS =
            Map.of("net", "net", "pool", "pool", "vol", "volume", "snapshot", "snapshot");

    private PeerWords() {}

    /** What to do instead of a command that is not there, or null. */
    static @Nullable String command(String word) {
        String known = table().getProperty(word);
        int dash = word.indexOf('-');
        String group = dash < 0 ? null : GROUPS.get(word.substring(0, dash));
        if (known != null || group == null) {
            return known;
        }
        String name = group + " " + word.substring(dash + 1);
        return CommandRegistry.find(name) == null ? null : "jvirt " + name;
    }

    /** What to do instead of an option that the command does not have, or null. */
    static @Nullable String option(String command, String option) {
        return table().getProperty(command.replace(' ', '.') + "." + option);
    }

    static Properties table() {
        Properties table = new Properties();
        try (InputStream in = PeerWords.class.getResourceAsStream(TABLE)) {
            if (in == null) {
                throw new IllegalStateException(TABLE + " is missing");
            }
            table.load(in);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return table;
    }
}
