// SPDX-License-Identifier: Apache-2.0
package io.jvirt.cli.host;

import static org.assertj.core.api.Assertions.assertThat;

import io.jvirt.cli.JvirtRun;
import io.jvirt.cli.vm.TestDriver;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** {@code doctor} on libvirt's test driver. */
class DoctorCommandTest {
    private final TestDriver libvirt = new TestDriver();

    @AfterEach
    void close() {
        libvirt.close();
    }

    @Test
    void saysWhatMendsWhat() {
        assertThat(libvirt.run("doctor").out()).isEqualTo("Nothing is wrong\n");
        libvirt.run("net", "stop", "default", "--force");
        JvirtRun run = libvirt.run("doctor", "--quick");
        assertThat(run.exit()).as("%s", run).isEqualTo(1);
        assertThat(run.out())
                .contains("warning  domain 'test': ", "         mend: ")
                .containsPattern("(?m)^[0-9]+ errors?, [0-9]+ warnings?, [0-9]+ notes?$");
        assertThat(libvirt.run("doctor", "-o", "json").out())
                .contains("\"schema\" : \"jvirt/doctor\"", "\"severity\" : \"warning\"", "\"check\" : ", "\"fix\" : ");
    }
}
