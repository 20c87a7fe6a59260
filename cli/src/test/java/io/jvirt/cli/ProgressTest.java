// SPDX-License-Identifier: Apache-2.0
package io.jvirt.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.InputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

class ProgressTest {
    private static final long MIB = 1 << 20;

    private final ByteArrayOutputStream shown = new ByteArrayOutputStream();
    private final AtomicLong nanos = new AtomicLong();

    private Progress start(boolean isTerminal, Progress.Mode mode) {
        PrintStream err = new PrintStream(shown, true, StandardCharsets.UTF_8);
        Stdio stdio = new Stdio(InputStream.nullInputStream(), err, err, Map.of(), false, false, isTerminal);
        GlobalOptions options = new GlobalOptions(null, OutputFormat.TABLE, false, false, false, mode);
        return Progress.start(stdio, options, "copy", 100 * MIB, nanos::get);
    }

    private String afterTwoSeconds(Progress progress) {
        try (progress) {
            nanos.addAndGet(2_000_000_000L);
            progress.advance(50 * MIB);
        }
        return shown.toString(StandardCharsets.UTF_8);
    }

    @Test
    void aBarOnATerminal() {
        assertThat(afterTwoSeconds(start(true, Progress.Mode.AUTO)))
                .isEqualTo("\rcopy [############            ] 50 MiB of 100 MiB  25 MiB/s  0:02 left\033[K\r\033[K");
    }

    @Test
    void jsonLinesWhereAsked() {
        String line = "{\"job\":\"copy\",\"doneBytes\":52428800,\"totalBytes\":104857600,"
                + "\"bytesPerSecond\":26214400,\"secondsLeft\":2}\n";
        assertThat(afterTwoSeconds(start(false, Progress.Mode.JSON))).isEqualTo(line + line);
    }

    @Test
    void nothingInAPipe() {
        assertThat(afterTwoSeconds(start(false, Progress.Mode.AUTO))).isEmpty();
    }

    @Test
    void nothingWhereTurnedOff() {
        assertThat(afterTwoSeconds(start(true, Progress.Mode.NONE))).isEmpty();
    }

    @Test
    void aPartOfAWholeShowsBoth() {
        nanos.set(2_000_000_000L);
        Progress.Whole whole = new Progress.Whole(0, 50 * MIB, 400 * MIB);
        Progress bar = start(true, Progress.Mode.AUTO).within(whole);
        bar.setSaved(7 * MIB);
        assertThat(afterTwoSeconds(bar)).contains("0:02 left  7 MiB saved  all: 25% of 400 MiB, 0:12 left\033[K");
        shown.reset();
        Progress json = start(false, Progress.Mode.JSON).within(whole);
        assertThat(afterTwoSeconds(json))
                .contains(
                        ",\"savedBytes\":0,\"all\":{\"doneBytes\":104857600,\"totalBytes\":419430400,\"secondsLeft\":18}}");
    }
}
