// SPDX-License-Identifier: Apache-2.0
package io.jvirt.storage.file;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/** The kernel's table of file locks, which can be read without native code. */
public final class LockTable {
    private static final Path LOCKS = Path.of("/proc/locks");

    private static @Nullable Reading ahead;

    private LockTable() {}

    /**
     * Begins to read the table, for a command that will soon ask: the kernel takes up to 20 ms to answer, in which the
     * command can get on with its start. Good for the next question only.
     */
    public static synchronized void readAhead() {
        ahead = new Reading();
        ahead.setDaemon(true);
        ahead.start();
    }

    /**
     * False where no local lock lies on any file with this inode number; true where one may, so that a caller has to ask
     * the kernel itself. A line reads {@code 1: OFDLCK ADVISORY  READ -1 fd:00:1234 100 101}.
     */
    static synchronized boolean mayBeLocked(long inode) {
        Reading reading = ahead;
        ahead = null;
        String text;
        try {
            text = reading == null ? Files.readString(LOCKS) : reading.answer();
        } catch (IOException e) {
            return true;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return true;
        }
        String needle = ":" + inode + " ";
        return text == null || text.contains(needle);
    }

    private static final class Reading extends Thread {
        private @Nullable String text;

        @Override
        public void run() {
            try {
                text = Files.readString(LOCKS);
            } catch (IOException e) {
                text = null;
            }
        }

        /** Null where the table could not be read. */
        @Nullable
        String answer() throws InterruptedException {
            join();
            return text;
        }
    }
}
