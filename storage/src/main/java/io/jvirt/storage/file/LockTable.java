// SPDX-License-Identifier: Apache-2.0
package io.jvirt.storage.file;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** The kernel's list of file locks, which tells without native code that nobody has locked a file. */
final class LockTable {
    private static final Path LOCKS = Path.of("/proc/locks");

    private LockTable() {}

    /**
     * False where no local lock lies on any file with this inode number; true where one may, so that a caller has to ask
     * the kernel itself. A line reads {@code 1: OFDLCK ADVISORY  READ -1 fd:00:1234 100 101}.
     */
    static boolean mayBeLocked(long inode) {
        String text;
        try {
            text = Files.readString(LOCKS);
        } catch (IOException e) {
            return true;
        }
        String needle = ":" + inode + " ";
        return text.contains(needle);
    }
}
