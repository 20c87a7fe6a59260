// SPDX-License-Identifier: Apache-2.0
package io.jvirt.domain.console;

import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.channels.Channels;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Clock;
import java.time.format.DateTimeFormatter;
import java.time.format.DateTimeFormatterBuilder;
import java.util.Set;

/**
 * Records what a guest says, each line behind the time at which it began. Carriage returns are left out; all else, colours
 * included, is as it came.
 */
public final class TimestampedLog extends OutputStream {
    private static final DateTimeFormatter TIME =
            new DateTimeFormatterBuilder().appendInstant(3).toFormatter();

    private final OutputStream out;
    private final Clock clock;
    private boolean atLineStart = true;

    TimestampedLog(OutputStream out, Clock clock) {
        this.out = out;
        this.clock = clock;
    }

    /** Appends to a file; a new one is readable by its owner alone, for consoles show secrets. */
    public static TimestampedLog append(Path file) throws IOException {
        FileChannel channel = FileChannel.open(
                file,
                Set.of(StandardOpenOption.CREATE, StandardOpenOption.WRITE, StandardOpenOption.APPEND),
                PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
        return new TimestampedLog(new BufferedOutputStream(Channels.newOutputStream(channel)), Clock.systemUTC());
    }

    @Override
    public void write(int b) throws IOException {
        write(new byte[] {(byte) b}, 0, 1);
    }

    @Override
    public void write(byte[] bytes, int offset, int length) throws IOException {
        for (int i = offset; i < offset + length; i++) {
            byte b = bytes[i];
            if (b == '\r') {
                continue;
            }
            if (atLineStart) {
                out.write((TIME.format(clock.instant()) + " ").getBytes(StandardCharsets.UTF_8));
            }
            out.write(b);
            atLineStart = b == '\n';
        }
    }

    @Override
    public void flush() throws IOException {
        out.flush();
    }

    /** Ends the last line, so that a later recording begins on its own. */
    @Override
    public void close() throws IOException {
        if (!atLineStart) {
            out.write('\n');
        }
        out.close();
    }
}
