// SPDX-License-Identifier: Apache-2.0
package io.jvirt.domain.check;

/** Whether guests can have guests. */
final class NestedCheck implements HostCheck {
    private static final String NAME = "nested";

    @Override
    public CheckResult look(CheckFacts facts) {
        MachineFacts machine = facts.machine();
        if (machine == null) {
            return CheckResult.unknown(NAME);
        }
        String nested = machine.nested();
        if (nested == null) {
            return CheckResult.note(NAME, "no KVM module of this processor is loaded", null);
        }
        return nested.startsWith("Y") || nested.equals("1")
                ? CheckResult.pass(NAME, "guests can have guests")
                : CheckResult.note(
                        NAME,
                        "guests cannot have guests",
                        "only where that is wanted: options kvm_intel nested=1 (or kvm_amd) in /etc/modprobe.d/kvm.conf");
    }
}
