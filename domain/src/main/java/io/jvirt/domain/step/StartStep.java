// SPDX-License-Identifier: Apache-2.0
package io.jvirt.domain.step;

import io.jvirt.domain.journal.Step;
import io.jvirt.domain.journal.StepContext;
import io.jvirt.domain.journal.StepPlan;
import io.jvirt.domain.libvirt.Domain;
import io.jvirt.domain.metadata.StartGuard;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Starts a domain: as it is defined, or for once with another definition (an installer's kernel). */
public final class StartStep implements Step {
    static final String KIND = "start";

    private final StepDomain domain;
    private final @Nullable String installXml;
    private final String with;

    /** @param installXml started instead of the persistent definition, with the same name and UUID; null for none */
    public StartStep(StepDomain domain, @Nullable String installXml) {
        this(domain, installXml, "the installer");
    }

    /** @param with what the other definition has more than the persistent one */
    public StartStep(StepDomain domain, @Nullable String installXml, String with) {
        this.domain = domain;
        this.installXml = installXml;
        this.with = with;
    }

    @Override
    public StepPlan plan() {
        Map<String, String> p = domain.parameters();
        if (installXml != null) {
            p.put("installXml", installXml);
            p.put("with", with);
        }
        return new StepPlan(KIND, "start domain '" + domain.name() + (installXml == null ? "'" : "' with " + with), p);
    }

    static StartStep read(StepPlan plan) {
        return new StartStep(
                StepDomain.read(plan),
                plan.parameters().get("installXml"),
                plan.parameters().getOrDefault("with", "the installer"));
    }

    @Override
    public void perform(StepContext context) {
        if (installXml != null) {
            domain.host(context).createTransient(installXml, false, false).close();
            return;
        }
        try (Domain found = domain.find(context)) {
            StartGuard.check(found);
            found.start();
        }
    }

    @Override
    public void undo(StepContext context) {
        try (Domain found = domain.open(context)) {
            if (found != null && found.isActive()) {
                found.destroy();
            }
        }
    }
}
