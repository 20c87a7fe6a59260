// SPDX-License-Identifier: Apache-2.0
package io.jvirt.domain.step;

import io.jvirt.domain.JvirtException;
import io.jvirt.domain.journal.Step;
import io.jvirt.domain.journal.StepContext;
import io.jvirt.domain.journal.StepPlan;
import io.jvirt.domain.libvirt.Domain;
import io.jvirt.domain.metadata.StartGuard;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Starts a domain: as it is defined, or for once with another definition (an installer's kernel). */
public final class StartStep implements Step {
    static final String KIND = "start";

    private final String name;
    private final String uuid;
    private final @Nullable String installXml;
    private final String with;

    /** @param installXml started instead of the persistent definition, with the same name and UUID; null for none */
    public StartStep(String name, String uuid, @Nullable String installXml) {
        this(name, uuid, installXml, "the installer");
    }

    /** @param with what the other definition has more than the persistent one */
    public StartStep(String name, String uuid, @Nullable String installXml, String with) {
        this.name = name;
        this.uuid = uuid;
        this.installXml = installXml;
        this.with = with;
    }

    @Override
    public StepPlan plan() {
        Map<String, String> p = new LinkedHashMap<>();
        p.put("name", name);
        p.put("uuid", uuid);
        if (installXml != null) {
            p.put("installXml", installXml);
            p.put("with", with);
        }
        return new StepPlan(
                KIND,
                installXml == null ? "start domain '" + name + "'" : "start domain '" + name + "' with " + with,
                p);
    }

    static StartStep read(StepPlan plan) {
        return new StartStep(
                Parameters.required(plan, "name"),
                Parameters.required(plan, "uuid"),
                plan.parameters().get("installXml"),
                plan.parameters().getOrDefault("with", "the installer"));
    }

    @Override
    public void perform(StepContext context) {
        if (installXml != null) {
            context.host().createTransient(installXml, false, false).close();
            return;
        }
        try (Domain domain = context.host().domainWithUuid(uuid)) {
            if (domain == null) {
                throw JvirtException.failed("domain '" + name + "' has disappeared meanwhile", null);
            }
            StartGuard.check(domain);
            domain.start();
        }
    }

    @Override
    public void undo(StepContext context) {
        try (Domain domain = context.host().domainWithUuid(uuid)) {
            if (domain != null && domain.isActive()) {
                domain.destroy();
            }
        }
    }
}
