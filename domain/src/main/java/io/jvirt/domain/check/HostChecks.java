// SPDX-License-Identifier: Apache-2.0
package io.jvirt.domain.check;

import io.jvirt.domain.libvirt.Host;
import java.util.List;

/** The verb {@code host check}. */
public final class HostChecks {
    private static final List<HostCheck> CHECKS = List.of(
            new ProcessorCheck(),
            new KvmCheck(),
            new NestedCheck(),
            new IommuCheck(),
            new CgroupsCheck(),
            new HugepagesCheck(),
            new ClockCheck(),
            new DevicesCheck(),
            new NetworksCheck(),
            new SpaceCheck(),
            new MemoryCheck(),
            new LibvirtCheck(),
            new QemuCheck(),
            new MachineTypesCheck());

    private HostChecks() {}

    /** Asks the host, which takes seconds where a probe guest has to run, and judges. */
    public static List<CheckResult> of(Host host) {
        return judge(FactFinding.of(host));
    }

    static List<CheckResult> judge(CheckFacts facts) {
        return CHECKS.stream().map(check -> check.look(facts)).toList();
    }
}
