// SPDX-License-Identifier: Apache-2.0
package io.jvirt.domain.migrate.step;

import io.jvirt.domain.JvirtException;
import io.jvirt.domain.journal.Step;
import io.jvirt.domain.journal.StepContext;
import io.jvirt.domain.journal.StepPlan;
import io.jvirt.domain.libvirt.Domain;
import io.jvirt.domain.libvirt.DomainCheckpoint;
import io.jvirt.domain.step.Parameters;
import java.util.LinkedHashMap;
import java.util.Map;

/** Tells the target's libvirt of a checkpoint whose bitmaps came with the disks. Undefining the domain undoes it. */
public final class TargetCheckpointStep implements Step {
    static final String KIND = "target-checkpoint";

    private final String uri;
    private final String uuid;
    private final String checkpoint;
    private final String xml;

    /** @param checkpoint its name, for people */
    public TargetCheckpointStep(String uri, String uuid, String checkpoint, String xml) {
        this.uri = uri;
        this.uuid = uuid;
        this.checkpoint = checkpoint;
        this.xml = xml;
    }

    @Override
    public StepPlan plan() {
        Map<String, String> p = new LinkedHashMap<>();
        p.put("uri", uri);
        p.put("uuid", uuid);
        p.put("checkpoint", checkpoint);
        p.put("xml", xml);
        return new StepPlan(KIND, "define checkpoint '" + checkpoint + "' on " + uri, p);
    }

    static TargetCheckpointStep read(StepPlan plan) {
        return new TargetCheckpointStep(
                Parameters.required(plan, "uri"),
                Parameters.required(plan, "uuid"),
                Parameters.required(plan, "checkpoint"),
                Parameters.required(plan, "xml"));
    }

    @Override
    public void perform(StepContext context) {
        try (Domain domain = context.host(uri).domainWithUuid(uuid)) {
            if (domain == null) {
                throw JvirtException.failed("the domain has disappeared from the target meanwhile", null);
            }
            DomainCheckpoint.redefine(domain, xml);
        }
    }

    @Override
    public void undo(StepContext context) {}
}
