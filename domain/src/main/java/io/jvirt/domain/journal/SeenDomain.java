// SPDX-License-Identifier: Apache-2.0
package io.jvirt.domain.journal;

import io.jvirt.domain.JvirtException;
import io.jvirt.domain.ShellWord;
import io.jvirt.domain.libvirt.Domain;
import io.jvirt.domain.libvirt.Host;

/**
 * A domain as a plan found it. Between the plan and the journal's entry, which keeps other verbs away, anybody could have
 * changed it; libvirt's other users still can.
 *
 * @param definition with its passwords; empty where it is transient
 */
public record SeenDomain(String name, String uuid, boolean isActive, String definition) {
    public static SeenDomain of(Domain domain) {
        return new SeenDomain(
                domain.name(),
                domain.uuid(),
                domain.isActive(),
                domain.isPersistent() ? domain.inactiveXmlWithSecrets() : "");
    }

    /** Throws FAILED where the plan was made for another state than the one now. */
    public void refuseChanged(Host host) {
        try (Domain now = host.domainWithUuid(uuid)) {
            if (now == null || !now.name().equals(name)) {
                throw changed(now == null ? "was removed" : "was renamed", "jvirt list shows the domains");
            }
            if (now.isActive() && !isActive) {
                throw changed("was started", again());
            }
            String text = now.isPersistent() ? now.inactiveXmlWithSecrets() : "";
            if (!text.equals(definition)) {
                throw changed("got another definition", again());
            }
        }
    }

    private String again() {
        return "look at it (jvirt info " + ShellWord.quoted(name) + ") and try again";
    }

    private JvirtException changed(String what, String hint) {
        return JvirtException.failed("domain '" + name + "' " + what + " meanwhile; nothing was done", hint);
    }
}
