// SPDX-License-Identifier: Apache-2.0
package io.jvirt.domain.step;

import io.jvirt.domain.journal.Step;
import io.jvirt.domain.journal.StepContext;
import io.jvirt.domain.journal.StepPlan;
import io.jvirt.domain.libvirt.Domain;
import io.jvirt.domain.metadata.TemplateMark;
import io.jvirt.domain.metadata.VmMetadata;
import java.util.Map;

/** Marks a domain as a template; undone, only where it was none before. */
public final class TemplateMarkStep implements Step {
    static final String KIND = "template-mark";
    private static final String MARKED = "marked";

    private final StepDomain domain;
    private final String since;

    public TemplateMarkStep(StepDomain domain, String since) {
        this.domain = domain;
        this.since = since;
    }

    @Override
    public StepPlan plan() {
        Map<String, String> p = domain.parameters();
        p.put("since", since);
        return new StepPlan(KIND, "mark domain '" + domain.name() + "' as a template", p);
    }

    static TemplateMarkStep read(StepPlan plan) {
        return new TemplateMarkStep(StepDomain.read(plan), Parameters.required(plan, "since"));
    }

    @Override
    public void perform(StepContext context) throws Exception {
        try (Domain found = domain.find(context)) {
            if (TemplateMark.of(VmMetadata.of(found)) != null) {
                return;
            }
            context.note(MARKED, "yes");
            VmMetadata.change(found, new TemplateMark(since)::writeTo);
        }
    }

    @Override
    public void undo(StepContext context) {
        if (context.noted(MARKED) == null) {
            return;
        }
        try (Domain found = domain.open(context)) {
            if (found != null) {
                VmMetadata.change(found, TemplateMark::remove);
            }
        }
    }
}
