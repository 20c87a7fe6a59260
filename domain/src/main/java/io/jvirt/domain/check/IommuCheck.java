// SPDX-License-Identifier: Apache-2.0
package io.jvirt.domain.check;

/** Whether devices of the host can be given to guests. */
final class IommuCheck implements HostCheck {
    private static final String NAME = "iommu";

    @Override
    public CheckResult look(CheckFacts facts) {
        MachineFacts machine = facts.machine();
        if (machine == null) {
            return CheckResult.unknown(NAME);
        }
        if (machine.iommuGroups() > 0) {
            return CheckResult.pass(NAME, machine.iommuGroups() + " groups of devices");
        }
        boolean isAsked = machine.kernelCommandLine().contains("iommu=on");
        return CheckResult.note(
                NAME,
                "no IOMMU: devices of the host cannot be given to guests",
                isAsked
                        ? "switch VT-d or AMD-Vi on in the firmware's setup"
                        : "only where that is wanted: VT-d or AMD-Vi in the firmware's setup, and intel_iommu=on on the"
                                + " kernel's command line (GRUB_CMDLINE_LINUX in /etc/default/grub, then update-grub)");
    }
}
