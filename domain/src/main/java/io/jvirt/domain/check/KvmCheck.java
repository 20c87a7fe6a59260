// SPDX-License-Identifier: Apache-2.0
package io.jvirt.domain.check;

/** Whether a guest really runs under KVM: a device file proves nothing. */
final class KvmCheck implements HostCheck {
    private static final String NAME = "kvm";

    @Override
    public CheckResult look(CheckFacts facts) {
        return facts.kvm().works()
                ? CheckResult.pass(NAME, facts.kvm().reason())
                : CheckResult.fail(
                        NAME,
                        "KVM does not work: " + facts.kvm().reason(),
                        "machines run by emulation, ten times slower; modprobe kvm_intel or kvm_amd where the processor"
                                + " can do it");
    }
}
