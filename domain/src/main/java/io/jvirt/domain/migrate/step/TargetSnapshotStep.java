// SPDX-License-Identifier: Apache-2.0
package io.jvirt.domain.migrate.step;

import io.jvirt.domain.JvirtException;
import io.jvirt.domain.journal.Step;
import io.jvirt.domain.journal.StepContext;
import io.jvirt.domain.journal.StepPlan;
import io.jvirt.domain.libvirt.Domain;
import io.jvirt.domain.libvirt.DomainSnapshot;
import io.jvirt.domain.step.Parameters;
import java.util.LinkedHashMap;
import java.util.Map;

/** Tells the target's libvirt of a snapshot whose data came with the disks. Undefining the domain undoes it. */
public final class TargetSnapshotStep implements Step {
    static final String KIND = "target-snapshot";

    private final String uri;
    private final String uuid;
    private final String snapshot;
    private final String xml;
    private final boolean isCurrent;

    /** @param snapshot its name, for people */
    public TargetSnapshotStep(String uri, String uuid, String snapshot, String xml, boolean isCurrent) {
        this.uri = uri;
        this.uuid = uuid;
        this.snapshot = snapshot;
        this.xml = xml;
        this.isCurrent = isCurrent;
    }

    @Override
    public StepPlan plan() {
        Map<String, String> p = new LinkedHashMap<>();
        p.put("uri", uri);
        p.put("uuid", uuid);
        p.put("snapshot", snapshot);
        p.put("xml", xml);
        p.put("current", Boolean.toString(isCurrent));
        return new StepPlan(KIND, "define snapshot '" + snapshot + "' on " + uri, p);
    }

    static TargetSnapshotStep read(StepPlan plan) {
        return new TargetSnapshotStep(
                Parameters.required(plan, "uri"),
                Parameters.required(plan, "uuid"),
                Parameters.required(plan, "snapshot"),
                Parameters.required(plan, "xml"),
                Boolean.parseBoolean(Parameters.required(plan, "current")));
    }

    @Override
    public void perform(StepContext context) {
        try (Domain domain = context.host(uri).domainWithUuid(uuid)) {
            if (domain == null) {
                throw JvirtException.failed("the domain has disappeared from the target meanwhile", null);
            }
            DomainSnapshot.redefine(domain, xml, isCurrent).close();
        }
    }

    @Override
    public void undo(StepContext context) {}
}
