// SPDX-License-Identifier: Apache-2.0
package io.jvirt.storage.file;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The kernel's table of file locks, which can be read without native code. It has the locks of this machine's processes on
 * its own file systems: those that another host, or a FUSE server, keeps are not in it.
 */
public final class LockTable {
    private static final Path LOCKS = Path.of("/proc/locks");
    private static final Path MOUNTS = Path.of("/proc/self/mountinfo");

    /** File systems that no other host has, and whose files have one number each, here and in the table. */
    private static final Set<String> COMPLETE = Set.of("ext2", "ext3", "ext4", "f2fs", "tmpfs", "xfs");

    private static @Nullable Reading ahead;

    private LockTable() {}

    /**
     * Begins to read the table, for a command that will soon ask: the kernel takes up to 20 ms to answer, in which the
     * command can get on with its start. Good for the next question only.
     */
    public static synchronized void readAhead() {
        ahead = Reading.begin();
    }

    /**
     * False where nobody has a lock on the file; true where somebody may have one, so that a caller has to ask the kernel
     * itself. A line reads {@code 1: OFDLCK ADVISORY  READ -1 fd:00:1234 100 101}.
     */
    static synchronized boolean mayBeLocked(Path file) throws IOException {
        Reading reading = ahead == null ? Reading.begin() : ahead;
        ahead = null;
        long inode = (Long) Files.getAttribute(file, "unix:ino");
        long device = (Long) Files.getAttribute(file, "unix:dev");
        try {
            reading.join();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return true;
        }
        return reading.locks == null
                || reading.mounts == null
                || reading.locks.contains(":" + inode + " ")
                || !isComplete(reading.mounts, device);
    }

    /**
     * Whether the table has every lock on files of a device.
     *
     * @param mounts the lines of {@code mountinfo}: {@code 36 35 98:0 / /mnt rw shared:1 - ext4 /dev/vda rw}
     * @param device as {@code stat} tells it: the minor number's low byte, 12 bits of major number, the rest of the minor one
     */
    static boolean isComplete(String mounts, long device) {
        long major = device >> 8 & 0xfff;
        long minor = device & 0xff | device >> 12 & 0xfff00;
        int at = mounts.indexOf(" " + major + ":" + minor + " ");
        int type = at < 0 ? -1 : mounts.indexOf(" - ", at);
        int end = type < 0 ? -1 : mounts.indexOf(' ', type + 3);
        return end >= 0 && COMPLETE.contains(mounts.substring(type + 3, end));
    }

    private static final class Reading extends Thread {
        private @Nullable String locks;
        private @Nullable String mounts;

        static Reading begin() {
            Reading reading = new Reading();
            reading.setDaemon(true);
            reading.start();
            return reading;
        }

        @Override
        public void run() {
            try {
                mounts = Files.readString(MOUNTS);
                locks = Files.readString(LOCKS);
            } catch (IOException e) {
                // One that is missing answers nothing.
                return;
            }
        }
    }
}
