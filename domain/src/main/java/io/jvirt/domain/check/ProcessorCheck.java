// SPDX-License-Identifier: Apache-2.0
package io.jvirt.domain.check;

/** Whether the processor can run guests by itself. */
final class ProcessorCheck implements HostCheck {
    private static final String NAME = "processor";

    @Override
    public CheckResult look(CheckFacts facts) {
        MachineFacts machine = facts.machine();
        if (machine == null) {
            return CheckResult.unknown(NAME);
        }
        if (!facts.architecture().equals("x86_64") && !facts.architecture().equals("i686")) {
            return CheckResult.pass(NAME, facts.architecture());
        }
        if (machine.cpuFlags().contains("vmx")) {
            return CheckResult.pass(NAME, "Intel VT-x (vmx)");
        }
        if (machine.cpuFlags().contains("svm")) {
            return CheckResult.pass(NAME, "AMD-V (svm)");
        }
        return machine.cpuFlags().contains("hypervisor")
                ? CheckResult.fail(
                        NAME,
                        "this machine is a guest itself, and its processor has no virtualisation (neither vmx nor svm)",
                        "on the host outside: allow nested virtualisation (kvm_intel.nested=1 or kvm_amd.nested=1), and give"
                                + " this machine the CPU host-passthrough")
                : CheckResult.fail(
                        NAME,
                        "the processor has no virtualisation switched on (neither vmx nor svm)",
                        "switch Intel VT-x or AMD-V (SVM) on in the firmware's setup");
    }
}
