// SPDX-License-Identifier: Apache-2.0
package io.jvirt.domain.template;

import io.jvirt.domain.JvirtException;
import io.jvirt.domain.ShellWord;
import io.jvirt.domain.journal.DomainLock;
import io.jvirt.domain.libvirt.Domain;
import io.jvirt.domain.libvirt.DomainSummary;
import io.jvirt.domain.libvirt.Host;
import io.jvirt.domain.metadata.TemplateMark;
import io.jvirt.domain.metadata.VmMetadata;
import io.jvirt.domain.reference.DomainDisk;
import io.jvirt.domain.reference.ReferenceGraph;
import io.jvirt.domain.xml.DomainXml;
import io.jvirt.domain.xml.device.Disk;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;

/** Marks machines as templates, and lists those that are. */
public final class TemplateDomains {
    private TemplateDomains() {}

    /**
     * A machine that is a template.
     *
     * @param since when it was marked, ISO 8601 in UTC
     * @param clones domains whose disks lie on its own
     */
    public record Template(String name, String uuid, String since, List<String> clones) {}

    /** Marks a machine that is off; one that is marked already is no failure. Returns its name. */
    public static String mark(Host host, String nameOrUuid) {
        try (Domain domain = host.findDomain(nameOrUuid);
                DomainLock lock = DomainLock.take("template mark", host, domain)) {
            refuseUnsettled(domain);
            String now = Instant.now().truncatedTo(ChronoUnit.SECONDS).toString();
            VmMetadata.change(domain, metadata -> {
                if (TemplateMark.of(metadata) == null) {
                    new TemplateMark(now).writeTo(metadata);
                }
            });
            return domain.name();
        }
    }

    /** A template's disks are those of a machine that was shut down. */
    static void refuseUnsettled(Domain domain) {
        if (domain.isActive()) {
            throw JvirtException.refused(
                    "domain '" + domain.name() + "' is running, and a template does not run",
                    "jvirt stop " + ShellWord.quoted(domain.name()));
        }
        if (domain.hasManagedSave()) {
            throw JvirtException.refused(
                    "domain '" + domain.name() + "' has saved memory, which its clones would not have",
                    "jvirt start " + ShellWord.quoted(domain.name()) + ", then jvirt stop "
                            + ShellWord.quoted(domain.name()));
        }
    }

    /** Makes it a machine like others again; one that is none is no failure. Returns its name. */
    public static String unmark(Host host, String nameOrUuid) {
        try (Domain domain = host.findDomain(nameOrUuid);
                DomainLock lock = DomainLock.take("template unmark", host, domain)) {
            VmMetadata.change(domain, TemplateMark::remove);
            return domain.name();
        }
    }

    /** All templates of a host, by name. */
    public static List<Template> list(Host host) {
        List<Template> found = new ArrayList<>();
        for (DomainSummary summary : host.listDomains()) {
            try (Domain domain = host.domainWithUuid(summary.uuid())) {
                TemplateMark mark = domain == null ? null : TemplateMark.of(VmMetadata.of(domain));
                if (domain != null && mark != null) {
                    found.add(new Template(summary.name(), summary.uuid(), mark.since(), List.of()));
                }
            }
        }
        if (found.isEmpty()) {
            return found;
        }
        ReferenceGraph graph = ReferenceGraph.read(host);
        found.replaceAll(t -> new Template(t.name(), t.uuid(), t.since(), clones(host, t, graph)));
        found.sort((a, b) -> a.name().compareTo(b.name()));
        return found;
    }

    private static List<String> clones(Host host, Template template, ReferenceGraph graph) {
        Set<String> clones = new TreeSet<>();
        try (Domain domain = host.domainWithUuid(template.uuid())) {
            if (domain != null) {
                for (Disk disk : DomainXml.parse(domain.xml()).disks()) {
                    String path = disk.isDisk() ? DomainDisk.pathOf(host, disk) : null;
                    if (path != null) {
                        clones.addAll(graph.domainsUsing(path));
                    }
                }
            }
        }
        clones.remove(template.name());
        return List.copyOf(clones);
    }
}
