// SPDX-License-Identifier: Apache-2.0
package io.jvirt.lab;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

/** The unit that jvirt writes, read by systemd's own checker. */
class AutostartUnitIT extends OnKvm1 {
    @Test
    void systemdTakesTheUnit() {
        String directory = HOST.exec("mktemp", "-d").ok().out().strip();
        try {
            jvirt.run("autostart", "install-unit", "--dir", directory).ok();
            String unit = directory + "/jvirt-autostart.service";
            Outcome verified = HOST.exec("systemd-analyze", "verify", unit).ok();
            assertThat(verified.err()).doesNotContain("jvirt-autostart");
            // The program that it starts is this jvirt, wherever the unit is called from.
            assertThat(HOST.exec("cat", unit).ok().out())
                    .contains("ExecStart=" + LabHost.CHECKOUT.resolve("jvirt") + " autostart run\n")
                    .contains("ExecStop=" + LabHost.CHECKOUT.resolve("jvirt") + " autostart stop --force\n");
        } finally {
            HOST.exec("rm", "-rf", directory).ok();
        }
    }
}
