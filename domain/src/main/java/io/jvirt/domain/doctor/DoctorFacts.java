// SPDX-License-Identifier: Apache-2.0
package io.jvirt.domain.doctor;

import io.jvirt.domain.network.NetworkSummary;
import io.jvirt.domain.pool.PoolSummary;
import io.jvirt.domain.recover.UnfinishedOperation;
import io.jvirt.domain.reference.DomainFile;
import io.jvirt.domain.reference.ImageLink;
import io.jvirt.domain.reference.SnapshotFile;
import io.jvirt.domain.xml.DomainXml;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * What there is on a host.
 *
 * @param snapshotFiles what snapshots need
 * @param poolImages the files and volumes of each pool
 * @param operations what the journal holds
 * @param qemuUser null where QEMU runs as root, or nobody knows
 * @param models what libvirt keeps machines apart with
 */
record DoctorFacts(
        List<DomainFacts> domains,
        List<PoolSummary> pools,
        List<NetworkSummary> networks,
        List<DomainFile> domainFiles,
        List<ImageLink> links,
        List<SnapshotFile> snapshotFiles,
        Map<String, Set<String>> poolImages,
        List<Unseen> unseen,
        List<UnfinishedOperation> operations,
        ImageFacts images,
        @Nullable QemuUser qemuUser,
        SecurityModels models) {

    /** A place that could not be looked at, and why. */
    record Unseen(String place, String reason) {}

    /**
     * A domain.
     *
     * @param xml the next start's
     * @param live the running machine's, or null
     */
    record DomainFacts(
            String name,
            boolean autostart,
            DomainXml xml,
            @Nullable DomainXml live) {
        boolean active() {
            return live != null;
        }
    }

    @Nullable
    DomainFacts domain(String name) {
        return domains.stream().filter(d -> d.name().equals(name)).findFirst().orElse(null);
    }

    boolean isActive(String name) {
        DomainFacts domain = domain(name);
        return domain != null && domain.active();
    }

    /** The files that the definitions and snapshots name, and all below them. */
    Set<String> usedFiles() {
        Set<String> used = new LinkedHashSet<>();
        snapshotFiles.forEach(file -> used.add(file.path()));
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
