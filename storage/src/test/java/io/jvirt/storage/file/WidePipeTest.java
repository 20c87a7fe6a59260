// SPDX-License-Identifier: Apache-2.0
package io.jvirt.storage.file;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.File;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

class WidePipeTest {
    @Test
    void whatIsWrittenArrivesAndTheEndIsSeenWhenBothAreClosed() throws Exception {
        Process process = new ProcessBuilder("sh", "-c", "read line; echo $line; wc -c").start();
        try (FileChannel pipe = Objects.requireNonNull(WidePipe.into(process))) {
            pipe.write(ByteBuffer.wrap("first\n".getBytes(StandardCharsets.US_ASCII)));
            ByteBuffer much = ByteBuffer.allocateDirect(3 << 20);
            while (much.hasRemaining()) {
                pipe.write(much);
            }
        }
        assertThat(process.waitFor(200, TimeUnit.MILLISECONDS)).isFalse();
        process.getOutputStream().close();
        assertThat(process.inputReader().lines().map(String::strip)).containsExactly("first", "3145728");
        assertThat(process.waitFor()).isZero();
    }

    @Test
    void whatHasEndedOrReadsFromElsewhereIsLeftToTheStream() throws IOException, InterruptedException {
        Process ended = new ProcessBuilder("true").start();
        ended.waitFor();
        assertThat(WidePipe.into(ended)).isNull();
        Process other = new ProcessBuilder("sleep", "60")
                .redirectInput(new File("/dev/null"))
                .start();
        try {
            assertThat(WidePipe.into(other)).isNull();
        } finally {
            other.destroyForcibly();
        }
    }
}
