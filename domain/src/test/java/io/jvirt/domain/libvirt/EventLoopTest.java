// SPDX-License-Identifier: Apache-2.0
package io.jvirt.domain.libvirt;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class EventLoopTest {
    /** A thread that is still in native code makes the JVM wait before it exits. */
    @Test
    void theLoopRunsAsLongAsThereAreConnections() throws InterruptedException {
        // Another test may have given up a connection to a host that is silent.
        int others = EventLoop.users();
        for (int round = 0; round < 2; round++) {
            EventLoop.enter();
            EventLoop.enter();
            EventLoop.leave();
            assertThat(loops()).isEqualTo(1);
            EventLoop.leave();
            assertThat(EventLoop.users()).isEqualTo(others);
            long expected = others == 0 ? 0 : 1;
            long deadline = System.nanoTime() + 30_000_000_000L;
            while (loops() != expected && System.nanoTime() < deadline) {
                Thread.sleep(10);
            }
            assertThat(loops()).isEqualTo(expected);
        }
    }

    private static long loops() {
        return Thread.getAllStackTraces().keySet().stream()
                .filter(thread -> thread.getName().equals("libvirt-events") && thread.isAlive())
                .count();
    }
}
