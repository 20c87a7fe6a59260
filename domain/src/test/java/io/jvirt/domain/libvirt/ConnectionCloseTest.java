// SPDX-License-Identifier: Apache-2.0
package io.jvirt.domain.libvirt;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Hosts are seconds here: what stands for ssh is sleep. */
@Timeout(60)
class ConnectionCloseTest {
    @TempDir
    Path directory;

    private Process ssh(String host) throws IOException {
        Path ssh = directory.resolve("ssh");
        if (!Files.exists(ssh)) {
            Files.copy(Path.of("/bin/sleep"), ssh);
            assertThat(ssh.toFile().setExecutable(true)).isTrue();
        }
        return new ProcessBuilder(ssh.toString(), host).start();
    }

    @Test
    void endsTheTunnelOfAHostThatDoesNotAnswerAndNoOther() throws Exception {
        Process dead = ssh("601");
        Process other = ssh("602");
        CountDownLatch closed = new CountDownLatch(1);
        try {
            ConnectionClose.run("601", () -> {
                dead.onExit().join();
                closed.countDown();
            });
            closed.await();
            assertThat(dead.isAlive()).isFalse();
            assertThat(other.isAlive()).isTrue();
        } finally {
            dead.destroy();
            other.destroy();
        }
    }

    @Test
    void doesNotWaitForWhatNeverEnds() throws Exception {
        CountDownLatch never = new CountDownLatch(1);
        ConnectionClose.run("603", () -> {
            try {
                never.await();
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        });
        assertThat(never.getCount()).isOne();
        never.countDown();
    }

    @Test
    void leavesTheTunnelToOneThatAnswers() throws Exception {
        Process ssh = ssh("604");
        try {
            boolean[] isClosed = {false};
            ConnectionClose.run("604", () -> isClosed[0] = true);
            assertThat(isClosed[0]).isTrue();
            assertThat(ssh.isAlive()).isTrue();
        } finally {
            ssh.destroy();
        }
    }
}
