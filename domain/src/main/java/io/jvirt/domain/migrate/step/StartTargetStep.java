// SPDX-License-Identifier: Apache-2.0
package io.jvirt.domain.migrate.step;

import io.jvirt.domain.journal.Step;
import io.jvirt.domain.journal.StepContext;
import io.jvirt.domain.journal.StepPlan;
import io.jvirt.domain.libvirt.Domain;
import io.jvirt.domain.libvirt.Host;
import io.jvirt.domain.libvirt.LibvirtException;
import io.jvirt.domain.step.Parameters;
import java.util.LinkedHashMap;
import java.util.Map;

/** Starts the domain on the target. It has moved: where it does not start, that is said, and the rest is done all the same. */
public final class StartTargetStep implements Step {
    static final String KIND = "start-target";

    private final String uri;
    private final String name;
    private final String uuid;

    public StartTargetStep(String uri, String name, String uuid) {
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
        return new StepPlan(KIND, "start domain '" + name + "' on " + uri, p);
    }

    static StartTargetStep read(StepPlan plan) {
        return new StartTargetStep(
                Parameters.required(plan, "uri"), Parameters.required(plan, "name"), Parameters.required(plan, "uuid"));
    }

    @Override
    public boolean isUndoable() {
        return false;
    }

    @Override
    public void perform(StepContext context) {
        Host target = context.host(uri);
        try (Domain domain = target.domainWithUuid(uuid)) {
            if (domain != null && !domain.isActive()) {
                domain.start();
            }
        } catch (LibvirtException e) {
            if (!target.isAlive()) {
                throw e;
            }
            context.report("'" + name + "' has moved, but it does not start there: " + e.reason());
        }
    }

    @Override
    public void undo(StepContext context) {
        throw new IllegalStateException("not undoable: " + plan().summary());
    }
}
