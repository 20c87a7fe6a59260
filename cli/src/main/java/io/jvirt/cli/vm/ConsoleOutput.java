// SPDX-License-Identifier: Apache-2.0
package io.jvirt.cli.vm;

import io.jvirt.domain.console.TimestampedLog;
import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/** Where a console's output goes: standard output, and a log beside it. The log ends with the command. */
final class ConsoleOutput implements AutoCloseable {
    private final PrintStream stream;
    private final @Nullable TimestampedLog log;

    private ConsoleOutput(PrintStream stream, @Nullable TimestampedLog log) {
        this.stream = stream;
        this.log = log;
    }

    static ConsoleOutput to(PrintStream out, @Nullable Path logFile) throws IOException {
        if (logFile == null) {
            return new ConsoleOutput(out, null);
        }
        TimestampedLog log = TimestampedLog.append(logFile);
        return new ConsoleOutput(new PrintStream(new Both(out, log), false, StandardCharsets.UTF_8), log);
    }

    PrintStream stream() {
        return stream;
    }

    @Override
    public void close() throws IOException {
        if (log != null) {
            log.close();
        }
    }

    private static final class Both extends OutputStream {
        private final PrintStream out;
        private final OutputStream log;

        Both(PrintStream out, OutputStream log) {
            this.out = out;
            this.log = log;
        }

        @Override
        public void write(int b) throws IOException {
            write(new byte[] {(byte) b}, 0, 1);
        }

        @Override
        public void write(byte[] bytes, int offset, int length) throws IOException {
            log.write(bytes, offset, length);
            log.flush();
            out.write(bytes, offset, length);
            if (out.checkError()) {
                throw new IOException("standard output is closed");
            }
        }
    }
}
