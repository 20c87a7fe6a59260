// SPDX-License-Identifier: Apache-2.0
package io.jvirt.domain.check;

import io.jvirt.domain.SizeText;

/** Huge pages that were set aside. */
final class HugepagesCheck implements HostCheck {
    private static final String NAME = "hugepages";

    @Override
    public CheckResult look(CheckFacts facts) {
        MachineFacts machine = facts.machine();
        if (machine == null) {
            return CheckResult.unknown(NAME);
        }
        if (machine.hugepages() == 0) {
            return CheckResult.note(
                    NAME, "none are set aside", "only for machines that ask for them: sysctl vm.nr_hugepages=N");
        }
        return CheckResult.pass(
                NAME,
                machine.freeHugepages() + " of " + machine.hugepages() + " free, "
                        + SizeText.of(machine.hugepageBytes()) + " each");
    }
}
