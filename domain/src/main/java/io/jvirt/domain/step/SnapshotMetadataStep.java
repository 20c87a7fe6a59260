// SPDX-License-Identifier: Apache-2.0
package io.jvirt.domain.step;

import io.jvirt.domain.JvirtException;
import io.jvirt.domain.journal.Step;
import io.jvirt.domain.journal.StepContext;
import io.jvirt.domain.journal.StepPlan;
import io.jvirt.domain.libvirt.Domain;
import io.jvirt.domain.libvirt.DomainCheckpoint;
import io.jvirt.domain.libvirt.DomainSnapshot;
import io.jvirt.domain.trash.TrashedSnapshot;
import java.util.LinkedHashMap;
import java.util.Map;

/** Tells libvirt of a snapshot, or a checkpoint, whose data is in the disks already. Undefining the domain undoes it. */
public final class SnapshotMetadataStep implements Step {
    static final String KIND = "snapshot-metadata";

    private final String name;
    private final String uuid;
    private final String xml;
    private final boolean isCurrent;

    public SnapshotMetadataStep(String name, String uuid, String xml, boolean isCurrent) {
        this.name = name;
        this.uuid = uuid;
        this.xml = xml;
        this.isCurrent = isCurrent;
    }

    @Override
    public StepPlan plan() {
        Map<String, String> p = new LinkedHashMap<>();
        p.put("name", name);
        p.put("uuid", uuid);
        p.put("xml", xml);
        p.put("current", Boolean.toString(isCurrent));
        return new StepPlan(
                KIND,
                "define a " + (xml.contains(TrashedSnapshot.CHECKPOINT) ? "checkpoint" : "snapshot") + " of domain '"
                        + name + "' again",
                p);
    }

    static SnapshotMetadataStep read(StepPlan plan) {
        return new SnapshotMetadataStep(
                Parameters.required(plan, "name"),
                Parameters.required(plan, "uuid"),
                Parameters.required(plan, "xml"),
                Boolean.parseBoolean(Parameters.required(plan, "current")));
    }

    @Override
    public void perform(StepContext context) {
        try (Domain domain = context.host().domainWithUuid(uuid)) {
            if (domain == null) {
                throw JvirtException.failed("domain '" + name + "' has disappeared meanwhile", null);
            }
            if (xml.contains(TrashedSnapshot.CHECKPOINT)) {
                DomainCheckpoint.redefine(domain, xml);
                return;
            }
            DomainSnapshot.redefine(domain, xml, isCurrent).close();
        }
    }

    /** Nothing by itself: defining it twice is the same, and the definition's step takes the metadata along. */
    @Override
    public void undo(StepContext context) {}
}
