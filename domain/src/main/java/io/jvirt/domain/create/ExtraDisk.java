// SPDX-License-Identifier: Apache-2.0
package io.jvirt.domain.create;

import io.jvirt.domain.journal.Step;
import io.jvirt.domain.libvirt.Host;
import io.jvirt.storage.ImageFormat;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;

/**
 * A new disk for a machine that exists, planned as {@code create} plans its disks.
 *
 * @param path of the file or device that the step makes
 * @param step makes it
 * @param notes what the user should know
 */
public record ExtraDisk(String path, boolean isBlock, ImageFormat format, Step step, List<String> notes) {
    /**
     * Plans it under the first name that is free: {@code web-2.qcow2}.
     *
     * @param machine the machine's name
     * @param taken paths of other disks that are planned
     */
    public static ExtraDisk plan(Host host, String machine, DiskRequest disk, Set<String> taken) throws IOException {
        List<String> notes = new ArrayList<>();
        HostFacts facts = HostFacts.of(host, null);
        PlannedDisk planned = new DiskPlanner(host, facts, CreateRequest.disksOf(machine), SystemDevices.UNKNOWN, notes)
                .extra(disk, taken);
        Step step = planned.step();
        if (step == null) {
            throw new IllegalStateException("a new disk is made by a step");
        }
        return new ExtraDisk(planned.path(), planned.isBlock(), planned.format(), step, notes);
    }
}
