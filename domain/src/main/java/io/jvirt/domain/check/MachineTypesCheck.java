// SPDX-License-Identifier: Apache-2.0
package io.jvirt.domain.check;

/** Which machines QEMU can be, and how they can boot. */
final class MachineTypesCheck implements HostCheck {
    private static final String NAME = "machine-types";

    @Override
    public CheckResult look(CheckFacts facts) {
        if (facts.machineTypes().isEmpty()) {
            return CheckResult.fail(
                    NAME,
                    "QEMU offers no machine for " + facts.architecture(),
                    "apt install qemu-system-x86, or the package of that architecture");
        }
        String text = facts.machineTypes().size() + " for " + facts.architecture();
        if (facts.architecture().equals("x86_64") && !facts.machineTypes().contains("q35")) {
            return CheckResult.warn(NAME, text + ", q35 not among them", "update QEMU");
        }
        return facts.firmwares().contains("efi")
                ? CheckResult.pass(NAME, text + ", BIOS and UEFI")
                : CheckResult.note(NAME, text + ", no UEFI firmware", "for --firmware uefi: apt install ovmf");
    }
}
