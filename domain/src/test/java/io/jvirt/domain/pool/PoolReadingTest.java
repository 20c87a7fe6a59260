// SPDX-License-Identifier: Apache-2.0
package io.jvirt.domain.pool;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.jvirt.domain.JvirtException;
import io.jvirt.domain.libvirt.Host;
import io.jvirt.domain.libvirt.PoolNames;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class PoolReadingTest {
    /** A host of its own: what is given up stays open, and with it the one that other tests share. */
    private static Host hostThatStaysOpen(Path directory) throws IOException {
        Path node = directory.resolve("node.xml");
        Files.writeString(
                node,
                "<node><pool type='dir'><name>default-pool</name><target><path>/pool</path></target></pool></node>");
        return Host.open("test://" + node);
    }

    @Test
    void aQuestionThatDoesNotComeBackIsGivenUp(@TempDir Path directory) throws IOException {
        CountDownLatch never = new CountDownLatch(1);
        Host host = hostThatStaysOpen(directory);
        assertThatThrownBy(() -> PoolReading.of(host, "default-pool", Duration.ofMillis(100), pool -> {
                    try {
                        never.await();
                    } catch (InterruptedException e) {
                        Thread.currentThread().interrupt();
                    }
                    return true;
                }))
                .isInstanceOfSatisfying(JvirtException.class, e -> {
                    assertThat(e).hasMessage("pool 'default-pool' does not answer within 0 s: its storage hangs");
                    assertThat(e.hint())
                            .isEqualTo(
                                    "is its server or device there? On the host, a mount that hangs goes with: umount -f"
                                            + " -l TARGET");
                });
        // The question still has the connection: closing it must not wait for it, nor take it away.
        host.close();
        never.countDown();
    }

    @Test
    void aPoolThatIsNotThereIsAnErrorOfItsOwn() {
        try (Host host = Host.open("test:///default")) {
            assertThatThrownBy(() -> PoolReading.one(host, "nosuch"))
                    .isInstanceOfSatisfying(
                            JvirtException.class, e -> assertThat(e.kind()).isEqualTo(JvirtException.Kind.NOT_FOUND));
            assertThat(PoolReading.all(host)).extracting(PoolSummary::name).containsExactly("default-pool");
        }
    }

    @Test
    void aHostThatDoesNotListItsPools(@TempDir Path directory) throws IOException {
        Host host = hostThatStaysOpen(directory);
        // Whoever has the host's lock keeps everybody else from its connection.
        synchronized (host) {
            assertThatThrownBy(() -> PoolReading.all(host, Duration.ofMillis(100)))
                    .isInstanceOfSatisfying(JvirtException.class, e -> {
                        assertThat(e)
                                .hasMessage("libvirt on " + host.uri() + " has not listed its storage pools within 0 s:"
                                        + " one of them hangs");
                        assertThat(e.hint())
                                .isEqualTo("a network file system that is gone does this: look at its server, or on the"
                                        + " host: umount -f -l TARGET");
                    });
        }
    }

    @Test
    void namesComeFromLibvirtsFiles(@TempDir Path directory) throws IOException {
        Path persistent = Files.createDirectory(directory.resolve("etc"));
        Path active = Files.createDirectory(directory.resolve("run"));
        for (Path file : List.of(
                persistent.resolve("b.xml"),
                persistent.resolve("a.xml"),
                active.resolve("a.xml"),
                active.resolve("x"))) {
            Files.createFile(file);
        }
        assertThat(PoolNames.in(List.of(persistent, active, directory.resolve("none"))))
                .containsExactly("a", "b");
        assertThat(PoolNames.fromFiles("qemu+ssh://root@hostb/system")).isEmpty();
    }
}
