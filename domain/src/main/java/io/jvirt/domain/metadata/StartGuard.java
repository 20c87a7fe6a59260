// SPDX-License-Identifier: Apache-2.0
package io.jvirt.domain.metadata;

import io.jvirt.domain.JvirtException;
import io.jvirt.domain.ShellWord;
import io.jvirt.domain.libvirt.Domain;
import io.jvirt.domain.xml.Namespace;
import org.jspecify.annotations.Nullable;

/** What every verb asks before it starts a domain. */
public final class StartGuard {
    private StartGuard() {}

    /** Refuses a domain whose metadata carries a lock or the mark of a template. */
    public static void check(Domain domain) {
        // Most domains carry neither, which is seen without the whole definition.
        String element = domain.metadata(Namespace.JVIRT.uri());
        if (element != null && (element.contains("lock") || element.contains("template"))) {
            check(domain.name(), VmMetadata.of(domain));
        }
    }

    static void check(String name, VmMetadata metadata) {
        @Nullable StartLock lock = StartLock.of(metadata);
        if (lock != null) {
            throw JvirtException.refused(
                    "domain '" + name + "' must not start: "
                            + (lock.reason().isEmpty() ? "it is locked" : lock.reason())
                            + (lock.since().isEmpty() ? "" : " (since " + lock.since() + ")"),
                    lock.nextCommand().isEmpty() ? "jvirt recover shows what is unfinished" : lock.nextCommand());
        }
        if (TemplateMark.of(metadata) != null) {
            throw JvirtException.refused(
                    "domain '" + name + "' must not start: it is a template",
                    "jvirt clone " + ShellWord.quoted(name) + " NEW makes a machine of it");
        }
    }
}
