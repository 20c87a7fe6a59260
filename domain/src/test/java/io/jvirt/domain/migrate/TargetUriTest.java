// SPDX-License-Identifier: Apache-2.0
package io.jvirt.domain.migrate;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

/** Where {@code --to} leads. */
class TargetUriTest {
    @Test
    void aHostIsReachedOverSshAsRoot() {
        assertThat(TargetUri.of("kvm2")).isEqualTo("qemu+ssh://root@kvm2/system");
        assertThat(TargetUri.of("admin@kvm2.example")).isEqualTo("qemu+ssh://admin@kvm2.example/system");
        assertThat(TargetUri.of("qemu+tls://kvm2/system")).isEqualTo("qemu+tls://kvm2/system");
        assertThat(TargetUri.of("test:///default")).isEqualTo("test:///default");
    }
}
