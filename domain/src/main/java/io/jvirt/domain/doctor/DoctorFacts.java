// SPDX-License-Identifier: Apache-2.0
package io.jvirt.domain.doctor;

import io.jvirt.domain.network.NetworkSummary;
import io.jvirt.domain.pool.PoolSummary;
import io.jvirt.domain.recover.UnfinishedOperation;
import io.jvirt.domain.reference.DomainFile;
import io.jvirt.domain.reference.ImageLink;
import io.jvirt.domain.xml.DomainXml;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * What there is on a host.
 *
 * @param poolImages the files and volumes of each pool
 * @param operations what the journal holds
 * @param qemuUser null where QEMU runs as root, or nobody knows
 */
record DoctorFacts(
        List<DomainFacts> domains,
        List<PoolSummary> pools,
        List<NetworkSummary> networks,
        List<DomainFile> domainFiles,
        List<ImageLink> links,
        Map<String, Set<String>> poolImages,
        List<Unseen> unseen,
        List<UnfinishedOperation> operations,
        ImageFacts images,
        @Nullable QemuUser qemuUser) {

    /** A place that could not be looked at, and why. */
    record Unseen(String place, String reason) {}

    /** A domain. */
    record DomainFacts(String name, boolean active, boolean autostart, DomainXml xml) {}

    boolean isActive(String domain) {
        return domains.stream().anyMatch(d -> d.name().equals(domain) && d.active());
    }

    /** The files that the definitions name, and all below them. */
    Set<String> usedFiles() {
        Set<String> used = new LinkedHashSet<>();
        domainFiles.forEach(file -> used.add(file.path()));
        links.forEach(link -> used.add(link.file()));
        return used;
    }

    /** The files that hypervisors have open now, with those below. */
    Set<String> openFiles() {
        Set<String> open = new LinkedHashSet<>();
        for (DomainFile file : domainFiles) {
            if (isActive(file.domain())) {
                open.add(file.path());
            }
        }
        int before;
        do {
            before = open.size();
            for (ImageLink link : links) {
                if (open.contains(link.image())) {
                    open.add(link.file());
                }
            }
        } while (open.size() > before);
        return open;
    }
}
