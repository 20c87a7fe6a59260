// SPDX-License-Identifier: Apache-2.0
package io.jvirt.domain.check;

/** Whether the clock is right: certificates, logs and moving machines need it. */
final class ClockCheck implements HostCheck {
    private static final String NAME = "clock";

    @Override
    public CheckResult look(CheckFacts facts) {
        MachineFacts machine = facts.machine();
        if (machine == null) {
            return CheckResult.unknown(NAME);
        }
        String keeper = machine.clockKeeper();
        if (keeper == null) {
            return CheckResult.note(
                    NAME,
                    "nothing was seen that keeps the clock right (" + machine.clockSource() + ")",
                    "apt install chrony, where nobody else does");
        }
        boolean isSlow =
                machine.clockSource().equals("acpi_pm") || machine.clockSource().equals("hpet");
        return isSlow
                ? CheckResult.warn(
                        NAME,
                        "the kernel counts time by the slow source " + machine.clockSource(),
                        "why is there no tsc? dmesg | grep -i tsc")
                : CheckResult.pass(NAME, "kept by " + keeper + ", source " + machine.clockSource());
    }
}
