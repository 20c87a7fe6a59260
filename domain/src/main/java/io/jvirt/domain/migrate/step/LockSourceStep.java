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

/** Keeps the domain from starting on the source, just before it may start on the target. */
public final class LockSourceStep implements Step {
    static final String KIND = "lock-source";

    private final String name;
    private final String uuid;
    private final String xml;

    /** @param xml the definition as it was when everything was planned */
    public LockSourceStep(String name, String uuid, String xml) {
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
        return new StepPlan(KIND, "lock domain '" + name + "' on this host", p);
    }

    static LockSourceStep read(StepPlan plan) {
        return new LockSourceStep(
                Parameters.required(plan, "name"), Parameters.required(plan, "uuid"), Parameters.required(plan, "xml"));
    }

    /** Whether the definition is still the planned one. */
    public boolean isCurrent(String xmlNow) {
        return xml.equals(xmlNow);
    }

    @Override
    public void perform(StepContext context) {
        try (Domain domain = context.host().domainWithUuid(uuid)) {
            if (domain == null || !domain.isPersistent()) {
                throw JvirtException.failed("domain '" + name + "' has disappeared meanwhile", null);
            }
            refuseActive(domain);
            if (!isCurrent(domain.inactiveXmlWithSecrets())) {
                throw JvirtException.failed(
                        "the definition of domain '" + name + "' was changed meanwhile", "run the command again");
            }
            context.host().defineDomain(DomainLock.locked(xml), false).close();
            // From here on nobody can start it; somebody may have just before.
            refuseActive(domain);
        }
    }

    private void refuseActive(Domain domain) {
        if (domain.isActive()) {
            throw JvirtException.failed(
                    "domain '" + name + "' was started meanwhile",
                    "jvirt stop " + name + ", then run the command again");
        }
    }

    @Override
    public void undo(StepContext context) {
        try (Domain domain = context.host().domainWithUuid(uuid)) {
            if (domain != null && DomainLock.isLocked(domain.inactiveXml())) {
                context.host().defineDomain(xml, false).close();
            }
        }
    }
}
