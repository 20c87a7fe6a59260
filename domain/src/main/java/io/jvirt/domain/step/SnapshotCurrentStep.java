// SPDX-License-Identifier: Apache-2.0
package io.jvirt.domain.step;

import io.jvirt.domain.journal.Step;
import io.jvirt.domain.journal.StepContext;
import io.jvirt.domain.journal.StepPlan;
import io.jvirt.domain.libvirt.Domain;
import io.jvirt.domain.libvirt.LibvirtException;
import io.jvirt.domain.libvirt.Snapshot;
import java.util.LinkedHashMap;
import java.util.Map;

/** Tells libvirt which snapshot the domain goes on from: the next one becomes its child. */
public final class SnapshotCurrentStep implements Step {
    static final String KIND = "snapshot-current";

    private final String name;
    private final String uuid;
    private final String snapshot;
    private final String xml;
    private final boolean isDiskOnly;

    public SnapshotCurrentStep(String name, String uuid, String snapshot, String xml, boolean isDiskOnly) {
        this.name = name;
        this.uuid = uuid;
        this.snapshot = snapshot;
        this.xml = xml;
        this.isDiskOnly = isDiskOnly;
    }

    @Override
    public StepPlan plan() {
        Map<String, String> p = new LinkedHashMap<>();
        p.put("name", name);
        p.put("uuid", uuid);
        p.put("snapshot", snapshot);
        p.put("xml", xml);
        p.put("diskOnly", Boolean.toString(isDiskOnly));
        return new StepPlan(KIND, "make snapshot '" + snapshot + "' the current one", p);
    }

    static SnapshotCurrentStep read(StepPlan plan) {
        return new SnapshotCurrentStep(
                Parameters.required(plan, "name"),
                Parameters.required(plan, "uuid"),
                Parameters.required(plan, "snapshot"),
                Parameters.required(plan, "xml"),
                Boolean.parseBoolean(Parameters.required(plan, "diskOnly")));
    }

    @Override
    public void perform(StepContext context) {
        try (Domain domain = context.host().domainWithUuid(uuid)) {
            if (domain != null) {
                Snapshot.redefineAsCurrent(domain, xml, isDiskOnly);
            }
        } catch (LibvirtException e) {
            // Only the tree that is shown depends on it; the disks are right without.
            return;
        }
    }

    /** Nothing: which snapshot is the current one says nothing about the disks. */
    @Override
    public void undo(StepContext context) {}
}
