// SPDX-License-Identifier: Apache-2.0
package io.jvirt.domain.step;

import io.jvirt.domain.journal.StepContext;
import io.jvirt.domain.journal.StepPlan;
import io.jvirt.domain.libvirt.Domain;
import io.jvirt.domain.libvirt.Host;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The domain that a step is about, as the journal's record of the step has it.
 *
 * @param uri of the host that it is on; null for the operation's own
 */
public record StepDomain(@Nullable String uri, String name, String uuid) {
    public static StepDomain read(StepPlan plan) {
        return new StepDomain(
                plan.parameters().get("uri"), Parameters.required(plan, "name"), Parameters.required(plan, "uuid"));
    }

    /** A record of its step that has nothing more. */
    public StepPlan plan(String kind, String summary) {
        Map<String, String> p = new LinkedHashMap<>();
        if (uri != null) {
            p.put("uri", uri);
        }
        p.put("name", name);
        p.put("uuid", uuid);
        return new StepPlan(kind, summary, p);
    }

    public Host host(StepContext context) {
        return uri == null ? context.host() : context.host(uri);
    }

    /** Null where it is not there; the caller closes it. */
    public @Nullable Domain open(StepContext context) {
        return host(context).domainWithUuid(uuid);
    }
}
