// SPDX-License-Identifier: Apache-2.0
package io.jvirt.domain.doctor;

import io.jvirt.domain.journal.Journal;
import io.jvirt.domain.libvirt.Domain;
import io.jvirt.domain.libvirt.DomainSummary;
import io.jvirt.domain.libvirt.Host;
import io.jvirt.domain.libvirt.Network;
import io.jvirt.domain.network.NetworkSummary;
import io.jvirt.domain.pool.PoolReading;
import io.jvirt.domain.recover.Recover;
import io.jvirt.domain.recover.UnfinishedOperation;
import io.jvirt.domain.reference.ReferenceGraph;
import io.jvirt.domain.xml.DomainXml;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** The verb {@code doctor}. */
public final class Doctor {
    private static final List<DoctorCheck> CHECKS = List.of(
            new Leftovers(),
            new MissingFiles(),
            new ImageHealth(),
            new Duplicates(),
            new Networks(),
            new Access(),
            new Ownership(),
            new SecurityModelUse(),
            new SelinuxLabels(),
            new Pools(),
            new OrphanVolumes());

    private Doctor() {}

    /**
     * Looks at everything and changes nothing.
     *
     * @param wholeImages check all metadata of the images, not their headers alone
     * @return the worst first
     */
    public static List<Finding> examine(Host host, Journal journal, boolean wholeImages) throws IOException {
        return findings(facts(host, journal, wholeImages));
    }

    static List<Finding> findings(DoctorFacts facts) {
        List<Finding> found = new ArrayList<>();
        for (DoctorCheck check : CHECKS) {
            check.look(facts, found::add);
        }
        found.sort(Comparator.comparing(Finding::severity));
        return found;
    }

    private static DoctorFacts facts(Host host, Journal journal, boolean wholeImages) throws IOException {
        ReferenceGraph graph = ReferenceGraph.read(host);
        List<DoctorFacts.DomainFacts> domains = new ArrayList<>();
        for (DomainSummary summary : host.listDomains()) {
            try (Domain domain = host.domainWithUuid(summary.uuid())) {
                if (domain != null) {
                    boolean isActive = summary.status().state().isActive();
                    domains.add(new DoctorFacts.DomainFacts(
                            summary.name(),
                            summary.autostart(),
                            DomainXml.parse(summary.persistent() ? domain.inactiveXml() : domain.xml()),
                            isActive ? DomainXml.parse(domain.xml()) : null));
                }
            }
        }
        List<NetworkSummary> networks = new ArrayList<>();
        for (Network network : Network.list(host)) {
            try (network) {
                networks.add(NetworkSummary.of(network));
            }
        }
        String uri = host.uri();
        List<UnfinishedOperation> operations = new Recover(journal)
                .list().stream().filter(o -> o.uri().equals(uri)).toList();
        boolean hasFiles = !host.isRemote() && uri.startsWith("qemu:");
        String capabilities = host.capabilities();
        return new DoctorFacts(
                domains,
                PoolReading.all(host),
                networks,
                graph.domainFiles(),
                graph.links(),
                graph.snapshotFiles(),
                graph.imagesOfPools(),
                graph.blindSpots().stream()
                        .map(spot -> new DoctorFacts.Unseen(spot.place(), spot.reason()))
                        .toList(),
                operations,
                hasFiles ? new LocalImages(!uri.endsWith("/session"), wholeImages) : new UnseenImages(),
                hasFiles ? QemuUser.of(capabilities) : null,
                hasFiles ? SecurityModels.of(capabilities) : SecurityModels.UNKNOWN);
    }

    /** Files of another host: nobody can tell. */
    private static final class UnseenImages implements ImageFacts {
        @Override
        public boolean exists(String path) {
            return true;
        }

        @Override
        public boolean isInUse(String path) {
            return false;
        }

        @Override
        public @Nullable ImageState state(String path) {
            return null;
        }

        @Override
        public @Nullable String closedDirectory(String path) {
            return null;
        }

        @Override
        public @Nullable FileOwner owner(String path) {
            return null;
        }

        @Override
        public @Nullable String selinuxLabel(String path) {
            return null;
        }

        @Override
        public @Nullable Set<String> appArmorProfiles() {
            return null;
        }

        @Override
        public boolean changesOwners() {
            return true;
        }
    }
}
