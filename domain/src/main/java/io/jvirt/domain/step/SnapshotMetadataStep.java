// SPDX-License-Identifier: Apache-2.0
package io.jvirt.domain.step;

import io.jvirt.domain.journal.Step;
import io.jvirt.domain.journal.StepContext;
import io.jvirt.domain.journal.StepPlan;
import io.jvirt.domain.libvirt.Domain;
import io.jvirt.domain.libvirt.DomainCheckpoint;
import io.jvirt.domain.libvirt.DomainSnapshot;
import io.jvirt.domain.trash.TrashedSnapshot;
import java.util.Map;

/** Tells libvirt of a snapshot, or a checkpoint, whose data is in the disks already. Undefining the domain undoes it. */
public final class SnapshotMetadataStep implements Step {
    static final String KIND = "snapshot-metadata";

    /** In journals of versions that had steps of their own for a migration's target. */
    static final String TARGET_SNAPSHOT_KIND = "target-snapshot";

    static final String TARGET_CHECKPOINT_KIND = "target-checkpoint";

    private final StepDomain domain;
    private final String xml;
    private final boolean isCurrent;

    public SnapshotMetadataStep(StepDomain domain, String xml, boolean isCurrent) {
        this.domain = domain;
        this.xml = xml;
        this.isCurrent = isCurrent;
    }

    @Override
    public StepPlan plan() {
        Map<String, String> p = domain.parameters();
        p.put("xml", xml);
        p.put("current", Boolean.toString(isCurrent));
        return new StepPlan(
                KIND,
                "define a " + (isCheckpoint() ? "checkpoint" : "snapshot") + " of domain '" + domain.name() + "' "
                        + (domain.uri() == null ? "again" : "on " + domain.uri()),
                p);
    }

    static SnapshotMetadataStep read(StepPlan plan) {
        Map<String, String> p = plan.parameters();
        String uuid = Parameters.required(plan, "uuid");
        return new SnapshotMetadataStep(
                // A migration's step named the snapshot and not the domain, and a checkpoint is never the current one.
                new StepDomain(p.get("uri"), p.getOrDefault("name", uuid), uuid),
                Parameters.required(plan, "xml"),
                Boolean.parseBoolean(p.get("current")));
    }

    private boolean isCheckpoint() {
        return xml.contains(TrashedSnapshot.CHECKPOINT);
    }

    @Override
    public void perform(StepContext context) {
        try (Domain found = domain.find(context)) {
            if (isCheckpoint()) {
                DomainCheckpoint.redefine(found, xml);
            } else {
                DomainSnapshot.redefine(found, xml, isCurrent).close();
            }
        }
    }

    /** Nothing by itself: defining it twice is the same, and the definition's step takes the metadata along. */
    @Override
    public void undo(StepContext context) {}
}
