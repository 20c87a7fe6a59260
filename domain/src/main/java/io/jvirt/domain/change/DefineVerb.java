// SPDX-License-Identifier: Apache-2.0
package io.jvirt.domain.change;

import io.jvirt.domain.JvirtException;
import io.jvirt.domain.ShellWord;
import io.jvirt.domain.delete.DomainStateFiles;
import io.jvirt.domain.journal.DomainLock;
import io.jvirt.domain.libvirt.Domain;
import io.jvirt.domain.libvirt.ErrorNumber;
import io.jvirt.domain.libvirt.Host;
import io.jvirt.domain.libvirt.LibvirtException;
import io.jvirt.domain.metadata.TemplateMark;
import io.jvirt.domain.xml.DomainXml;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The verbs {@code define} and {@code edit}: a whole definition in one call of libvirt, which takes or refuses all of it. */
public final class DefineVerb {
    /**
     * What a text would do.
     *
     * @param name of the domain that it defines
     * @param oldXml that domain's definition with its passwords; empty where the domain is new
     * @param isRunning it runs, so it keeps what it has until its next start
     * @param isSaved its next start goes on from saved memory, which has a definition of its own
     */
    public record Plan(String name, String oldXml, String newXml, boolean isRunning, boolean isSaved) {
        public boolean isNew() {
            return oldXml.isEmpty();
        }

        public boolean isChange() {
            return !oldXml.equals(newXml);
        }
    }

    private final Host host;

    public DefineVerb(Host host) {
        this.host = host;
    }

    /** Looks whose definition it is and changes nothing. */
    public Plan plan(String xml) {
        DomainXml definition = DomainXml.parse(xml);
        String name = definition.get(DomainXml.NAME, "").strip();
        if (name.isEmpty()) {
            throw JvirtException.failed("the definition has no name", "add <name>…</name>");
        }
        String uuid = definition.get(DomainXml.UUID);
        try (Domain known = uuid == null || uuid.isBlank() ? host.domainNamed(name) : byUuid(uuid.strip(), name)) {
            if (known == null) {
                return new Plan(name, "", xml, false, false);
            }
            if (uuid == null || uuid.isBlank()) {
                throw JvirtException.refused(
                        "there is a domain '" + name
                                + "', and the definition does not say by its UUID that it is that one",
                        "add <uuid>" + known.uuid() + "</uuid> to change that domain, or give another name");
            }
            if (!known.name().equals(name)) {
                throw JvirtException.refused(
                        "the definition's UUID is that of domain '" + known.name() + "', its name is '" + name + "'",
                        "jvirt rename " + ShellWord.quoted(known.name()) + " " + ShellWord.quoted(name)
                                + " renames; leave <uuid> out for another machine");
            }
            TemplateMark.refuseChange(known);
            if (!known.isPersistent()) {
                return new Plan(name, "", xml, true, false);
            }
            boolean active = known.isActive();
            boolean saved = !active && DomainStateFiles.hasSavedState(host, known);
            return new Plan(name, known.inactiveXmlWithSecrets(), xml, active, saved);
        }
    }

    private @Nullable Domain byUuid(String uuid, String name) {
        Domain known = host.domainWithUuid(uuid);
        if (known != null) {
            return known;
        }
        try (Domain other = host.domainNamed(name)) {
            if (other != null) {
                throw JvirtException.refused(
                        "there is a domain '" + name + "' with another UUID: " + other.uuid(),
                        "give the definition another name, or that UUID");
            }
        }
        return null;
    }

    /**
     * Has libvirt take the text.
     *
     * @param validate against libvirt's schema as well
     * @return the definition as libvirt has it now, with its passwords
     */
    public String perform(Plan plan, boolean validate) {
        if (plan.isNew()) {
            try (DomainLock lock = DomainLock.take("define", host, List.of(plan.name()));
                    Domain defined = define(plan, validate)) {
                return defined.inactiveXmlWithSecrets();
            }
        }
        try (Domain known = host.findDomain(plan.name());
                DomainLock lock = DomainLock.take("define", host, known)) {
            if (!known.inactiveXmlWithSecrets().equals(plan.oldXml())) {
                throw JvirtException.failed(
                        "the definition of domain '" + plan.name() + "' was changed meanwhile",
                        "look at it (jvirt dumpxml " + ShellWord.quoted(plan.name()) + ") and try again");
            }
            try (Domain defined = define(plan, validate)) {
                return defined.inactiveXmlWithSecrets();
            }
        }
    }

    private Domain define(Plan plan, boolean validate) {
        try {
            return host.defineDomain(plan.newXml(), validate);
        } catch (LibvirtException e) {
            if (validate && e.number() == ErrorNumber.XML_INVALID_SCHEMA) {
                throw new JvirtException(
                        JvirtException.Kind.FAILED,
                        "libvirt does not take the definition of '" + plan.name() + "': " + e.reason(),
                        "mend the text, or leave it to libvirt's parser alone: --no-validate",
                        e);
            }
            throw e;
        }
    }
}
