// SPDX-License-Identifier: Apache-2.0
package io.jvirt.domain.libvirt;

import static org.assertj.core.api.Assertions.assertThat;

import io.jvirt.domain.JvirtException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What is said to libvirt's own words where a connection or a call fails. */
class HintTest {
    private static final String SSH = "qemu+ssh://root@b/system";
    private static final String DAEMON = "libvirt's daemon is not running: systemctl start libvirtd (without systemd:"
            + " virtlogd -d; libvirtd -d). ./jvirt sets up a host that has no libvirt yet";
    private static final String FORMS = "URIs look like qemu:///system, qemu:///session, qemu+ssh://root@HOST/system";

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '"',
            value = {
                "qemu:///system | 38 | Failed to connect socket: Permission denied | join the group libvirt (sudo usermod -aG"
                        + " libvirt $USER, then log in again), or use your own machines: jvirt -c qemu:///session",
                "qemu:///system | 38 | Failed to connect socket to '/x': No such file or directory | " + DAEMON,
                "kvm2 | 5 | no connection driver available | give a URI; for another host: jvirt -c"
                        + " qemu+ssh://root@kvm2/system …",
                "qemu:///sytem | 5 | no connection driver available | " + FORMS,
                "kvm:///system | 38 | Failed to connect socket: No such file or directory | " + FORMS,
                "qemu:///system | 1 | odd | ",
                SSH
                        + " | 38 | Host key verification failed. | ssh does not know the host yet: connect once with ssh b and"
                        + " check its key",
                SSH
                        + " | 38 | root@b: Permission denied (publickey). | ssh could not log in: try ssh b, and ssh-copy-id to"
                        + " install your key",
                "qemu+tcp://b/system | 45 | authentication failed | the host refused the credentials; see auth.conf in"
                        + " libvirt's documentation",
                SSH + " | 38 | libvirt-sock: No such file or directory | libvirt's daemon is not running there: ssh b"
                        + " systemctl start libvirtd",
                SSH + " | 38 | sh: 1: nc: not found | libvirt is not installed there, or netcat is missing",
                SSH + " | 38 | ssh: Could not resolve hostname b | is the host's name right?",
                SSH + " | 38 | connect to host b port 22: No route to host | is b up, and does it listen?"
                        + " qemu+ssh://root@b/system needs only its sshd",
                "qemu+tls://b/system | 38 | Cannot read CA certificate '/etc/pki/CA/cacert.pem' | TLS needs certificates on"
                        + " both hosts; qemu+ssh://root@b/system does not",
                SSH + " | 38 | odd | try: ssh b virsh list",
            })
    void aConnectionThatFails(String uri, int number, String reason, String hint) {
        assertThat(ConnectHint.of(uri, number, reason)).isEqualTo(hint);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '"',
            value = {
                "39 | client socket is closed | FAILED | the connection to libvirt's daemon broke; run the command again",
                "1 | connection closed due to keepalive timeout | FAILED | the connection to libvirt's daemon broke; run the"
                        + " command again",
                "1 | odd | FAILED | ",
                "29 | read only access prevents | FAILED | run it as root or as a member of the group libvirt",
                "86 | Guest agent is not responding | FAILED | is qemu-guest-agent running in the guest?",
                "42 | Domain not found | NOT_FOUND | jvirt list shows the domains",
            })
    void aCallThatFails(int number, String reason, JvirtException.Kind kind, String hint) {
        LibvirtException e = new LibvirtException("cannot start domain 'web'", number, 0, reason, null);
        assertThat(e).hasMessage("cannot start domain 'web': " + reason);
        assertThat(e.kind()).isEqualTo(kind);
        assertThat(e.hint()).isEqualTo(hint);
    }

    @Test
    void noReasonAtAll() {
        try (Host host = Host.open("test:///default")) {
            NativeLibvirt.virResetLastError();
            assertThat(LibvirtException.last("cannot start domain 'web'"))
                    .hasMessage("cannot start domain 'web': libvirt gave no reason");
        }
    }
}
