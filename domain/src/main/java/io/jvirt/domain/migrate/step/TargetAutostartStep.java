// SPDX-License-Identifier: Apache-2.0
package io.jvirt.domain.migrate.step;

import io.jvirt.domain.JvirtException;
import io.jvirt.domain.journal.Step;
import io.jvirt.domain.journal.StepContext;
import io.jvirt.domain.journal.StepPlan;
import io.jvirt.domain.libvirt.Domain;
import io.jvirt.domain.step.Parameters;
import java.util.LinkedHashMap;
import java.util.Map;

/** Has the target's libvirt start the domain with its host, as the source's did. */
public final class TargetAutostartStep implements Step {
    static final String KIND = "target-autostart";

    private final String uri;
    private final String name;
    private final String uuid;

    public TargetAutostartStep(String uri, String name, String uuid) {
        this.uri = uri;
        this.name = name;
        this.uuid = uuid;
    }

    @Override
    public StepPlan plan() {
        Map<String, String> p = new LinkedHashMap<>();
        p.put("uri", uri);
        p.put("name", name);
        p.put("uuid", uuid);
        return new StepPlan(KIND, "have domain '" + name + "' start with " + uri, p);
    }

    static TargetAutostartStep read(StepPlan plan) {
        return new TargetAutostartStep(
                Parameters.required(plan, "uri"), Parameters.required(plan, "name"), Parameters.required(plan, "uuid"));
    }

    @Override
    public void perform(StepContext context) {
        try (Domain domain = context.host(uri).domainWithUuid(uuid)) {
            if (domain == null) {
                throw JvirtException.failed("domain '" + name + "' has disappeared from the target meanwhile", null);
            }
            domain.setAutostart(true);
        }
    }

    /** The flag goes with the definition. */
    @Override
    public void undo(StepContext context) {}
}
