// SPDX-License-Identifier: Apache-2.0
package io.jvirt.domain.migrate.step;

import io.jvirt.domain.JvirtException;
import io.jvirt.domain.journal.FinalStep;
import io.jvirt.domain.journal.StepContext;
import io.jvirt.domain.journal.StepPlan;
import io.jvirt.domain.libvirt.Domain;
import io.jvirt.domain.libvirt.Host;
import io.jvirt.domain.step.Parameters;
import java.util.LinkedHashMap;
import java.util.Map;

/** Lets the domain start on the target: it has moved, and there is only the way forward. */
public final class UnlockTargetStep implements FinalStep {
    static final String KIND = "unlock-target";

    private final String uri;
    private final String name;
    private final String uuid;
    private final String xml;

    public UnlockTargetStep(String uri, String name, String uuid, String xml) {
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
        return new StepPlan(KIND, "unlock domain '" + name + "' on " + uri, p);
    }

    static UnlockTargetStep read(StepPlan plan) {
        return new UnlockTargetStep(
                Parameters.required(plan, "uri"),
                Parameters.required(plan, "name"),
                Parameters.required(plan, "uuid"),
                Parameters.required(plan, "xml"));
    }

    @Override
    public void perform(StepContext context) {
        Host target = context.host(uri);
        try (Domain domain = target.domainWithUuid(uuid)) {
            if (domain == null) {
                throw JvirtException.failed("domain '" + name + "' has disappeared from the target", null);
            }
            if (DomainLock.isLocked(domain.inactiveXml())) {
                target.defineDomain(xml, false).close();
            }
        }
    }
}
