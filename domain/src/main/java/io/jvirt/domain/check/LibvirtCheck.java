// SPDX-License-Identifier: Apache-2.0
package io.jvirt.domain.check;

import io.jvirt.domain.libvirt.Version;

/** Whether libvirt is one that jvirt knows. */
final class LibvirtCheck implements HostCheck {
    private static final String NAME = "libvirt";
    private static final Version OLDEST = new Version(6, 0, 0);

    @Override
    public CheckResult look(CheckFacts facts) {
        Version daemon = facts.libvirt();
        if (daemon.compareTo(OLDEST) < 0) {
            return CheckResult.fail(
                    NAME,
                    "libvirt " + daemon + " is older than " + OLDEST + ", the oldest that jvirt knows",
                    "update it");
        }
        return facts.library().compareTo(daemon) == 0
                ? CheckResult.pass(NAME, "libvirt " + daemon)
                : CheckResult.note(
                        NAME,
                        "the daemon is libvirt " + daemon + ", the library here " + facts.library(),
                        facts.machine() == null
                                ? null
                                : "after an update the daemon is still the old one: systemctl restart libvirtd");
    }
}
