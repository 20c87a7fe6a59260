// SPDX-License-Identifier: Apache-2.0
package io.jvirt.domain.step;

import io.jvirt.domain.JvirtException;
import io.jvirt.domain.journal.Step;
import io.jvirt.domain.journal.StepContext;
import io.jvirt.domain.journal.StepPlan;
import io.jvirt.domain.libvirt.Domain;
import io.jvirt.domain.libvirt.UndefineOption;
import java.util.EnumSet;
import java.util.LinkedHashMap;
import java.util.Map;

/** Defines a domain that has a new UUID of jvirt's choice: by it the domain is known as ours. */
public final class DefineStep implements Step {
    static final String KIND = "define";

    private final String name;
    private final String uuid;
    private final String xml;

    public DefineStep(String name, String uuid, String xml) {
        this.name = name;
        this.uuid = uuid;
        this.xml = xml;
    }

    @Override
    public StepPlan plan() {
        Map<String, String> p = new LinkedHashMap<>();
        p.put("name", name);
        p.put("uuid", uuid);
        p.put("xml", xml);
        return new StepPlan(KIND, "define domain '" + name + "'", p);
    }

    static DefineStep read(StepPlan plan) {
        return new DefineStep(
                Parameters.required(plan, "name"), Parameters.required(plan, "uuid"), Parameters.required(plan, "xml"));
    }

    @Override
    public void perform(StepContext context) {
        try (Domain there = context.host().domainNamed(name)) {
            if (there != null && !there.uuid().equals(uuid)) {
                throw JvirtException.failed(
                        "a domain '" + name + "' has appeared meanwhile and was not touched", "choose another name");
            }
        }
        context.host().defineDomain(xml, false).close();
    }

    @Override
    public void undo(StepContext context) {
        try (Domain made = context.host().domainWithUuid(uuid)) {
            if (made == null || !made.isPersistent()) {
                return;
            }
            EnumSet<UndefineOption> options = EnumSet.of(
                    UndefineOption.MANAGED_SAVE,
                    UndefineOption.SNAPSHOTS_METADATA,
                    UndefineOption.CHECKPOINTS_METADATA,
                    UndefineOption.NVRAM);
            Undefining.undefine(made, options);
        }
    }
}
