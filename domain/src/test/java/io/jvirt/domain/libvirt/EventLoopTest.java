// SPDX-License-Identifier: Apache-2.0
package io.jvirt.domain.libvirt;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class EventLoopTest {
    /** A thread that is still in native code makes the JVM wait before it exits. */
    @Test
    void theLoopRunsAsLongAsThereAreConnections() {
        for (int round = 0; round < 2; round++) {
            EventLoop.enter();
            EventLoop.enter();
            EventLoop.leave();
            assertThat(loops()).isEqualTo(1);
            EventLoop.leave();
            assertThat(loops()).isZero();
        }
    }

    private static long loops() {
        return Thread.getAllStackTraces().keySet().stream()
                .filter(thread -> thread.getName().equals("libvirt-events") && thread.isAlive())
                .count();
    }
}
