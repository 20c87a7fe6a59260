// SPDX-License-Identifier: Apache-2.0
package io.jvirt.domain.trash;

import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/**
 * A file, or a directory, of a deleted machine.
 *
 * @param origin where it was
 * @param trash where it is
 * @param pool the pool that it was a volume of, or null
 */
public record TrashedFile(
        Kind kind, Path origin, Path trash, @Nullable String pool) {
    /** Where an entry's n-th file waits. */
    public static Path place(Path entry, int n) {
        return entry.resolve(Integer.toString(n));
    }

    /** Whether a file of an entry's directory is one of the machine's. */
    public static boolean isNamedInTrash(Path file) {
        return String.valueOf(file.getFileName()).matches("[0-9]+");
    }

    /** What it is to the machine. */
    public enum Kind {
        DISK("disk"),
        NVRAM("NVRAM"),
        SAVED_STATE("saved state"),
        /** Of a snapshot. */
        MEMORY("snapshot's memory"),
        /** A directory. */
        TPM("TPM state");

        private final String text;

        Kind(String text) {
            this.text = text;
        }

        /** For people. */
        public String text() {
            return text;
        }
    }
}
