// SPDX-License-Identifier: Apache-2.0
package io.jvirt.domain.create;

import io.jvirt.domain.journal.Step;
import io.jvirt.domain.journal.StepPlan;
import java.util.List;
import java.util.Locale;

/** All that {@code create} is going to do; everything that could be checked beforehand has been. */
public final class CreatePlan {
    private final String name;
    private final String uuid;
    private final String xml;
    private final List<PlannedDisk> disks;
    private final List<NetworkRequest> networks;
    private final List<Step> steps;
    private final List<String> notes;
    private final boolean starts;
    private final boolean installs;
    private final boolean canBePerformed;

    CreatePlan(
            String name,
            String uuid,
            String xml,
            List<PlannedDisk> disks,
            List<NetworkRequest> networks,
            List<Step> steps,
            List<String> notes,
            boolean starts,
            boolean installs,
            boolean canBePerformed) {
        this.name = name;
        this.uuid = uuid;
        this.xml = xml;
        this.disks = List.copyOf(disks);
        this.networks = List.copyOf(networks);
        this.steps = List.copyOf(steps);
        this.notes = List.copyOf(notes);
        this.starts = starts;
        this.installs = installs;
        this.canBePerformed = canBePerformed;
    }

    public String name() {
        return name;
    }

    public String uuid() {
        return uuid;
    }

    public String xml() {
        return xml;
    }

    List<Step> steps() {
        return steps;
    }

    /** What will be done, a line for each step. */
    public List<String> summaries() {
        return steps.stream().map(Step::plan).map(StepPlan::summary).toList();
    }

    public List<String> notes() {
        return notes;
    }

    public boolean starts() {
        return starts;
    }

    /** An installer's kernel is started, and the next start is from the disk. */
    boolean installs() {
        return installs;
    }

    /** False where the image has to be fetched first: the plan is made again then. */
    public boolean canBePerformed() {
        return canBePerformed;
    }

    /** The machine as it will be. */
    public CreatedDomain result() {
        return new CreatedDomain(
                name,
                uuid,
                starts ? "running" : "shut off",
                disks.stream()
                        .map(d -> new CreatedDomain.Disk(
                                d.path(), d.format().id(), d.sizeBytes(), d.pool(), d.step() != null))
                        .toList(),
                networks.stream()
                        .map(n -> new CreatedDomain.Interface(
                                n.kind().name().toLowerCase(Locale.ROOT), n.source(), String.valueOf(n.mac())))
                        .toList());
    }
}
