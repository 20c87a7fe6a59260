// SPDX-License-Identifier: Apache-2.0
package io.jvirt.storage.file;

import com.sun.jna.LastErrorException;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import org.jspecify.annotations.Nullable;

/**
 * A pipe into another program, for much data: it holds more than pipes do, so that both sides wait for each other less, and
 * what is written goes there without the copies that a process's stream makes.
 */
public final class WidePipe {
    /** What an unprivileged user gets as well (proc(5), pipe-max-size). */
    private static final int BYTES = 1 << 20;

    private WidePipe() {}

    /**
     * Opens the pipe that a child of this process has as its standard input once more; null where it cannot be. The program
     * sees the end when both this channel and the process's own stream are closed.
     */
    public static @Nullable FileChannel into(Process process) {
        Path path = Path.of("/proc/" + process.pid() + "/fd/0");
        try {
            if (!Files.readSymbolicLink(path).toString().startsWith("pipe:")) {
                return null;
            }
            // While a pipe has no reader, and the program may just have ended, to open it for writing would wait for
            // one.
            int reader = LibC.open(path.toString(), LibC.O_RDONLY | LibC.O_NONBLOCK | LibC.O_CLOEXEC, 0);
            try {
                widen(reader);
                return FileChannel.open(path, StandardOpenOption.WRITE);
            } finally {
                LibC.close(reader);
            }
        } catch (IOException | LastErrorException e) {
            return null;
        }
    }

    private static void widen(int fd) {
        try {
            LibC.fcntl(fd, LibC.F_SETPIPE_SZ, BYTES);
        } catch (LastErrorException e) {
            // The user has all that he may have: it works as it is.
            return;
        }
    }
}
