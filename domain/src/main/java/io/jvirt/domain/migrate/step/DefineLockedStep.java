// SPDX-License-Identifier: Apache-2.0
package io.jvirt.domain.migrate.step;

import io.jvirt.domain.JvirtException;
import io.jvirt.domain.journal.Step;
import io.jvirt.domain.journal.StepContext;
import io.jvirt.domain.journal.StepPlan;
import io.jvirt.domain.libvirt.Domain;
import io.jvirt.domain.libvirt.Host;
import io.jvirt.domain.step.Parameters;
import java.io.IOException;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Defines the domain on the target so that it cannot start there yet. */
public final class DefineLockedStep implements Step {
    static final String KIND = "define-locked";

    private static final String ABSENT = "absent";

    private final String uri;
    private final String name;
    private final String uuid;
    private final String xml;

    /** @param xml the definition as it is to be in the end */
    public DefineLockedStep(String uri, String name, String uuid, String xml) {
        this.uri = uri;
        this.name = name;
        this.uuid = uuid;
        this.xml = xml;
    }

    @Override
    public StepPlan plan() {
        Map<String, String> p = new LinkedHashMap<>();
        p.put("uri", uri);
        p.put("name", name);
        p.put("uuid", uuid);
        p.put("xml", xml);
        return new StepPlan(KIND, "define domain '" + name + "' on " + uri + ", locked", p);
    }

    static DefineLockedStep read(StepPlan plan) {
        return new DefineLockedStep(
                Parameters.required(plan, "uri"),
                Parameters.required(plan, "name"),
                Parameters.required(plan, "uuid"),
                Parameters.required(plan, "xml"));
    }

    /** Undone, it would take the saved memory along that is there for it. */
    @Override
    public boolean isResumable() {
        return true;
    }

    @Override
    public void perform(StepContext context) throws IOException {
        Host target = context.host(uri);
        try (Domain sameName = target.domainNamed(name);
                Domain sameUuid = target.domainWithUuid(uuid)) {
            boolean isOurs = context.noted(ABSENT) != null
                    && sameUuid != null
                    && sameUuid.name().equals(name)
                    && DomainLock.isLocked(sameUuid.inactiveXml());
            if (sameName != null && !isOurs) {
                throw appeared(sameName, "name", "choose another name: --rename");
            }
            if (sameUuid != null && !isOurs) {
                throw appeared(sameUuid, "UUID", null);
            }
        }
        context.note(ABSENT, "yes");
        target.defineDomain(DomainLock.locked(xml), false).close();
    }

    private static JvirtException appeared(Domain other, String same, @Nullable String hint) {
        return JvirtException.failed(
                "a domain '" + other.name() + "' with the same " + same
                        + " has appeared on the target meanwhile and was not touched",
                hint);
    }

    @Override
    public void undo(StepContext context) {
        try (Domain made = context.host(uri).domainWithUuid(uuid)) {
            // Only the one that is locked was made here.
            if (made != null && made.isPersistent() && DomainLock.isLocked(made.inactiveXml())) {
                MovedDefinition.undefine(made);
            }
        }
    }
}
