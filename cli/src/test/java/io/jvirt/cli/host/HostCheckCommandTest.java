// SPDX-License-Identifier: Apache-2.0
package io.jvirt.cli.host;

import static org.assertj.core.api.Assertions.assertThat;

import io.jvirt.cli.JvirtRun;
import io.jvirt.cli.vm.TestDriver;
import org.junit.jupiter.api.Test;

/** {@code host check} on libvirt's test driver. */
class HostCheckCommandTest {
    @Test
    void printsEachCheckWithItsFix() {
        try (TestDriver libvirt = new TestDriver()) {
            JvirtRun run = libvirt.run("host", "check");
            assertThat(run.exit()).isEqualTo(1);
            assertThat(run.out())
                    .contains(
                            "fail  kvm            KVM does not work: the hypervisor is not QEMU\n                     fix: ")
                    .contains("pass  networks       active: default\n");
            assertThat(libvirt.run("host", "check", "-o", "json").out())
                    .contains("\"schema\" : \"jvirt/host-check\"", "\"verdict\" : \"fail\"");
        }
    }
}
