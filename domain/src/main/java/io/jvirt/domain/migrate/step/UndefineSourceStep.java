// SPDX-License-Identifier: Apache-2.0
package io.jvirt.domain.migrate.step;

import io.jvirt.domain.journal.Step;
import io.jvirt.domain.journal.StepContext;
import io.jvirt.domain.journal.StepPlan;
import io.jvirt.domain.libvirt.Domain;
import io.jvirt.domain.step.Parameters;
import java.util.LinkedHashMap;
import java.util.Map;

/** Removes the definition from the source, once it can start on the target. Its files stay. */
public final class UndefineSourceStep implements Step {
    static final String KIND = "undefine-source";

    private final String name;
    private final String uuid;

    public UndefineSourceStep(String name, String uuid) {
        this.name = name;
        this.uuid = uuid;
    }

    @Override
    public StepPlan plan() {
        Map<String, String> p = new LinkedHashMap<>();
        p.put("name", name);
        p.put("uuid", uuid);
        return new StepPlan(KIND, "undefine domain '" + name + "' on this host", p);
    }

    static UndefineSourceStep read(StepPlan plan) {
        return new UndefineSourceStep(Parameters.required(plan, "name"), Parameters.required(plan, "uuid"));
    }

    @Override
    public boolean isUndoable() {
        return false;
    }

    @Override
    public void perform(StepContext context) {
        try (Domain domain = context.host().domainWithUuid(uuid)) {
            // One that is not locked has come back since, by somebody else's hand.
            if (domain != null && domain.isPersistent() && DomainLock.isLocked(domain.inactiveXml())) {
                MovedDefinition.undefine(domain);
            }
        }
    }

    @Override
    public void undo(StepContext context) {
        throw new IllegalStateException("not undoable: " + plan().summary());
    }
}
