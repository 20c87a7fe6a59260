// SPDX-License-Identifier: Apache-2.0
package io.jvirt.domain.step;

import io.jvirt.domain.JvirtException;
import io.jvirt.domain.journal.Step;
import io.jvirt.domain.journal.StepContext;
import io.jvirt.domain.journal.StepPlan;
import io.jvirt.domain.libvirt.Domain;
import io.jvirt.domain.metadata.TemplateMark;
import io.jvirt.domain.metadata.VmMetadata;
import java.util.LinkedHashMap;
import java.util.Map;

/** Marks a domain as a template; undone, only where it was none before. */
public final class TemplateMarkStep implements Step {
    static final String KIND = "template-mark";
    private static final String MARKED = "marked";

    private final String name;
    private final String uuid;
    private final String since;

    public TemplateMarkStep(String name, String uuid, String since) {
        this.name = name;
        this.uuid = uuid;
        this.since = since;
    }

    @Override
    public StepPlan plan() {
        Map<String, String> p = new LinkedHashMap<>();
        p.put("name", name);
        p.put("uuid", uuid);
        p.put("since", since);
        return new StepPlan(KIND, "mark domain '" + name + "' as a template", p);
    }

    static TemplateMarkStep read(StepPlan plan) {
        return new TemplateMarkStep(
                Parameters.required(plan, "name"),
                Parameters.required(plan, "uuid"),
                Parameters.required(plan, "since"));
    }

    @Override
    public void perform(StepContext context) throws Exception {
        try (Domain domain = context.host().domainWithUuid(uuid)) {
            if (domain == null) {
                throw JvirtException.failed("domain '" + name + "' has disappeared meanwhile", null);
            }
            if (TemplateMark.of(VmMetadata.of(domain)) != null) {
                return;
            }
            context.note(MARKED, "yes");
            VmMetadata.change(domain, new TemplateMark(since)::writeTo);
        }
    }

    @Override
    public void undo(StepContext context) {
        if (context.noted(MARKED) == null) {
            return;
        }
        try (Domain domain = context.host().domainWithUuid(uuid)) {
            if (domain != null) {
                VmMetadata.change(domain, TemplateMark::remove);
            }
        }
    }
}
