// SPDX-License-Identifier: Apache-2.0
package io.jvirt.domain.check;

import io.jvirt.domain.libvirt.Version;

/** Whether QEMU is one that jvirt knows. */
final class QemuCheck implements HostCheck {
    private static final String NAME = "qemu";
    private static final Version OLDEST = new Version(4, 2, 0);

    @Override
    public CheckResult look(CheckFacts facts) {
        Version qemu = facts.qemu();
        return qemu.compareTo(OLDEST) < 0
                ? CheckResult.fail(
                        NAME,
                        "QEMU " + qemu + " is older than " + OLDEST + ", the oldest that jvirt knows",
                        "update it")
                : CheckResult.pass(NAME, "QEMU " + qemu);
    }
}
