// SPDX-License-Identifier: Apache-2.0
package io.jvirt.domain.step;

import io.jvirt.domain.JvirtException;
import io.jvirt.domain.ShellWord;
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
    /** On the host that the operation works on. */
    public StepDomain(String name, String uuid) {
        this(null, name, uuid);
    }

    public static StepDomain read(StepPlan plan) {
        return new StepDomain(
                plan.parameters().get("uri"), Parameters.required(plan, "name"), Parameters.required(plan, "uuid"));
    }

    /** A record of its step that has nothing more. */
    public StepPlan plan(String kind, String summary) {
        return new StepPlan(kind, summary, parameters());
    }

    /** A record's parameters, to which a step adds its own. */
    public Map<String, String> parameters() {
        Map<String, String> p = new LinkedHashMap<>();
        if (uri != null) {
            p.put("uri", uri);
        }
        p.put("name", name);
        p.put("uuid", uuid);
        return p;
    }

    public Host host(StepContext context) {
        return uri == null ? context.host() : context.host(uri);
    }

    /** Null where it is not there; the caller closes it. */
    public @Nullable Domain open(StepContext context) {
        return host(context).domainWithUuid(uuid);
    }

    /** Fails where it is not there; the caller closes it. */
    public Domain find(StepContext context) {
        Domain found = open(context);
        if (found == null) {
            throw gone();
        }
        return found;
    }

    /** What to say where somebody has removed it since the step was planned. */
    public JvirtException gone() {
        String command = uri == null ? "jvirt" : "jvirt -c " + ShellWord.quoted(uri);
        return JvirtException.failed(
                "domain '" + name + "' has disappeared" + (uri == null ? "" : " from " + uri) + " meanwhile",
                command + " list shows the domains, " + command + " trash list those that were deleted");
    }
}
