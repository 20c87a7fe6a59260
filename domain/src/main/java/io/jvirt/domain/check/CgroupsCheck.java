// SPDX-License-Identifier: Apache-2.0
package io.jvirt.domain.check;

import java.util.Set;
import java.util.TreeSet;

/** Whether libvirt can limit and count what guests use. */
final class CgroupsCheck implements HostCheck {
    private static final String NAME = "cgroups";

    @Override
    public CheckResult look(CheckFacts facts) {
        MachineFacts machine = facts.machine();
        if (machine == null) {
            return CheckResult.unknown(NAME);
        }
        if (machine.cgroupVersion() == 0) {
            return CheckResult.warn(
                    NAME,
                    "no control groups are mounted: guests cannot be limited",
                    "mount -t cgroup2 none /sys/fs/cgroup");
        }
        Set<String> missing = new TreeSet<>(Set.of("cpu", "memory", "cpuset"));
        missing.removeAll(machine.cgroupControllers());
        return missing.isEmpty()
                ? CheckResult.pass(NAME, "version " + machine.cgroupVersion())
                : CheckResult.warn(
                        NAME,
                        "version " + machine.cgroupVersion() + ", without the controllers "
                                + String.join(", ", missing),
                        "switch them on on the kernel's command line, such as cgroup_enable=memory");
    }
}
