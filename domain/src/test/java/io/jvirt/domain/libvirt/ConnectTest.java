// SPDX-License-Identifier: Apache-2.0
package io.jvirt.domain.libvirt;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.jvirt.domain.JvirtException;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.ServerSocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Which libvirt is chosen, and what is said when it cannot be reached. */
class ConnectTest {
    private static final String[] NO_SOCKETS = {};

    @TempDir
    Path folder;

    @Test
    void theOptionWinsOverTheEnvironment() {
        Map<String, String> environment = Map.of("JVIRT_URI", "test:///a", "LIBVIRT_DEFAULT_URI", "test:///b");
        assertThat(ConnectUri.resolve("test:///c", environment, false, NO_SOCKETS)
                        .uri())
                .isEqualTo("test:///c");
        assertThat(ConnectUri.resolve(null, environment, false, NO_SOCKETS).uri())
                .isEqualTo("test:///a");
        assertThat(ConnectUri.resolve(" ", Map.of("LIBVIRT_DEFAULT_URI", "test:///b"), false, NO_SOCKETS)
                        .uri())
                .isEqualTo("test:///b");
    }

    @Test
    void theSystemsLibvirtIsTakenWhereItsSocketMayBeUsed() throws IOException {
        String socket = Files.createFile(folder.resolve("libvirt-sock")).toString();
        assertThat(ConnectUri.resolve(null, Map.of(), false, new String[] {socket})
                        .uri())
                .isEqualTo("qemu:///system");
        assertThat(ConnectUri.resolve(null, Map.of(), false, NO_SOCKETS).uri()).isEqualTo("qemu:///session");
        assertThat(ConnectUri.resolve(null, Map.of(), true, NO_SOCKETS).uri()).isEqualTo("qemu:///system");
    }

    @Test
    void findsTheHostInAUri() {
        assertThat(ConnectUri.remoteHost("qemu+ssh://root@hostb:2222/system?x=/y"))
                .isEqualTo("hostb");
        assertThat(ConnectUri.remoteHost("qemu+tcp://[fd00::1]:16509/system")).isEqualTo("fd00::1");
        assertThat(ConnectUri.remoteHost("qemu:///system")).isNull();
        assertThat(ConnectUri.remoteHost("hostb")).isNull();
    }

    @Test
    void noDaemon() {
        String uri = "qemu+unix:///system?socket=" + folder.resolve("none");
        assertFails(uri, "cannot connect to " + uri, "systemctl start libvirtd");
    }

    @Test
    void aSocketThatNobodyServes() throws IOException {
        Path socket = folder.resolve("dead");
        try (ServerSocketChannel server = ServerSocketChannel.open(StandardProtocolFamily.UNIX)) {
            server.bind(UnixDomainSocketAddress.of(socket));
        }
        assertFails("qemu+unix:///system?socket=" + socket, "cannot connect to", "systemctl start libvirtd");
    }

    @Test
    void aDaemonThatNeverAnswers() throws IOException {
        Path socket = folder.resolve("silent");
        try (ServerSocketChannel server = ServerSocketChannel.open(StandardProtocolFamily.UNIX)) {
            server.bind(UnixDomainSocketAddress.of(socket));
            String uri = "qemu+unix:///system?socket=" + socket;
            assertThatThrownBy(() -> Host.open(uri, Duration.ofSeconds(1)))
                    .isInstanceOfSatisfying(JvirtException.class, e -> {
                        assertThat(e).hasMessage("cannot connect to " + uri + ": no answer within 1 s");
                        assertThat(e.hint())
                                .isEqualTo(
                                        "libvirt's daemon hangs: systemctl restart libvirtd, and look at journalctl -u"
                                                + " libvirtd");
                        assertThat(e.kind()).isEqualTo(JvirtException.Kind.FAILED);
                    });
        }
    }

    @Test
    void aHostThatNeverAnswers() throws IOException {
        try (ServerSocket server = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            String uri = "qemu+tcp://127.0.0.1:" + server.getLocalPort() + "/system";
            assertThatThrownBy(() -> Host.open(uri, Duration.ofSeconds(1)))
                    .isInstanceOfSatisfying(JvirtException.class, e -> {
                        assertThat(e).hasMessageEndingWith("no answer within 1 s");
                        assertThat(e.hint())
                                .isEqualTo(
                                        "is 127.0.0.1 up, and does its libvirt daemon answer? Try: ssh 127.0.0.1 virsh"
                                                + " list");
                    });
        }
    }

    @Test
    void aHostThatRefuses() throws IOException {
        int port;
        try (ServerSocket server = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            port = server.getLocalPort();
        }
        assertFails("qemu+tcp://127.0.0.1:" + port + "/system", "Connection refused", "does it listen?");
    }

    @Test
    void anUnknownHost() {
        assertFails("qemu+tcp://no-such-host.invalid/system", "no-such-host.invalid", "is the host's name right?");
    }

    @Test
    void anUnknownDriver() {
        assertFails("nosuch:///system", "cannot connect to nosuch:///system", "URIs look like qemu:///system");
    }

    @Test
    void aBareName() {
        assertFails("hostb", "cannot connect to hostb", "qemu+ssh://root@hostb/system");
    }

    @Test
    void hintsForRefusedCredentials() {
        assertThat(ConnectHint.of(
                        "qemu:///system",
                        ErrorNumber.SYSTEM_ERROR,
                        "Failed to connect socket to '/run/libvirt/libvirt-sock': Permission denied"))
                .contains("group libvirt");
        assertThat(ConnectHint.of("qemu:///system", ErrorNumber.AUTH_UNAVAILABLE, "no polkit agent"))
                .contains("group libvirt");
        assertThat(ConnectHint.of(
                        "qemu+ssh://b/system", ErrorNumber.RPC, "Cannot recv data: Permission denied (publickey)"))
                .contains("ssh-copy-id");
        assertThat(ConnectHint.of(
                        "qemu+ssh://b/system", ErrorNumber.RPC, "Cannot recv data: Host key verification failed."))
                .contains("check its key");
        assertThat(ConnectHint.of(
                        "qemu+ssh://b/system",
                        ErrorNumber.RPC,
                        "End of file: Failed to connect socket to '/run/libvirt/libvirt-sock': No such file"))
                .contains("ssh b systemctl start libvirtd");
    }

    private static void assertFails(String uri, String message, String hint) {
        assertThatThrownBy(() -> Host.open(uri)).isInstanceOfSatisfying(JvirtException.class, e -> {
            assertThat(e).hasMessageContaining(message);
            assertThat(e.hint()).contains(hint);
        });
    }
}
