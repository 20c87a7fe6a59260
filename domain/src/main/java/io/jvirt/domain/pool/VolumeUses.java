// SPDX-License-Identifier: Apache-2.0
package io.jvirt.domain.pool;

import io.jvirt.domain.JvirtException;
import io.jvirt.domain.ShellWord;
import io.jvirt.domain.journal.DomainLock;
import io.jvirt.domain.journal.JournalName;
import io.jvirt.domain.libvirt.Domain;
import io.jvirt.domain.libvirt.Host;
import io.jvirt.domain.reference.BlindSpot;
import io.jvirt.domain.reference.OpenFile;
import io.jvirt.domain.reference.ReferenceGraph;
import io.jvirt.domain.reference.Use;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** Who uses a volume, and what may therefore not be done to it. */
public final class VolumeUses {
    private final VolumeSummary volume;
    private final List<Use> uses;
    /** Those inside it, which nobody but them needs it for. */
    private final List<Use> snapshots;

    private final List<BlindSpot> blindSpots;

    private VolumeUses(VolumeSummary volume, ReferenceGraph graph, Set<String> going) {
        this.volume = volume;
        this.uses = graph.uses(volume.path()).stream()
                .filter(use -> use.domain() != null || !going.contains(String.valueOf(use.image())))
                .toList();
        boolean isNamed = uses.stream().anyMatch(use -> use.domain() != null);
        this.snapshots = isNamed ? List.of() : graph.snapshotsIn(volume.path());
        this.blindSpots = graph.blindSpots();
    }

    public static VolumeUses read(Host host, VolumeSummary volume) {
        return new VolumeUses(volume, ReferenceGraph.read(host), Set.of());
    }

    /** Of volumes that go together: what one of them needs of another does not count. */
    static List<VolumeUses> readTogether(Host host, List<VolumeSummary> volumes) {
        ReferenceGraph graph = ReferenceGraph.read(host);
        Set<String> going = volumes.stream().map(VolumeSummary::path).collect(Collectors.toSet());
        return volumes.stream().map(v -> new VolumeUses(v, graph, going)).toList();
    }

    /** For people: {@code domain 'web'}, {@code image /…/overlay.qcow2}. */
    public List<String> texts() {
        return all().stream().map(Use::toString).toList();
    }

    private List<Use> all() {
        return Stream.concat(uses.stream(), snapshots.stream()).toList();
    }

    /** Domains that have it, or an image on top of it. */
    private List<String> domains() {
        return uses.stream()
                .map(Use::domain)
                .filter(Objects::nonNull)
                .map(String::valueOf)
                .distinct()
                .toList();
    }

    /** Keeps other verbs from the volume and from the domains that have it. */
    DomainLock lock(String verb, Host host, String pool) {
        List<String> things = new ArrayList<>();
        things.add(JournalName.volume(pool, volume.name()));
        things.addAll(domains());
        return DomainLock.take(verb, host, things);
    }

    void refuseDeletion(Host host) {
        List<Use> all = all();
        if (!all.isEmpty()) {
            Use first = all.get(0);
            throw JvirtException.refused(
                    "volume '" + volume.name() + "' is used by " + first
                            + (all.size() == 1 ? "" : " and " + (all.size() - 1) + " more"),
                    deletionHint(first));
        }
        if (!blindSpots.isEmpty()) {
            throw JvirtException.refused(
                    "nobody can tell whether volume '" + volume.name() + "' is used: "
                            + blindSpots.get(0).place() + ": "
                            + blindSpots.get(0).reason(),
                    "mend or stop what does not answer first: jvirt pool list");
        }
        OpenFile.refuse(host, volume.path(), "volume '" + volume.name() + "'", "");
    }

    private static String deletionHint(Use use) {
        if (use.domain() == null) {
            return "delete the image on top first, or make it whole: jvirt disk rebase -b '' " + use.image();
        }
        String domain = ShellWord.quoted(use.domain());
        return use.snapshot() == null
                ? "jvirt info " + domain + " shows its disks; jvirt delete " + domain + " deletes both"
                : "jvirt snapshot delete " + domain + " " + ShellWord.quoted(use.snapshot())
                        + " deletes the snapshot, and what only it needs";
    }

    /** A size may not change below an image, nor under a guest without its hypervisor's knowledge. */
    void refuseResize(Host host) {
        for (Use use : uses) {
            if (use.domain() == null || use.image() != null) {
                throw JvirtException.refused(
                        "volume '" + volume.name() + "' is the base of "
                                + (use.image() == null ? use.toString() : use.image()),
                        "resize the image on top of it instead");
            }
            if (use.snapshot() != null) {
                throw JvirtException.refused(
                        "volume '" + volume.name() + "' is what " + use + " keeps, and may not change",
                        deletionHint(use));
            }
        }
        String running = running(host);
        if (running != null) {
            throw JvirtException.refused(
                    "domain '" + running + "' runs on volume '" + volume.name() + "'",
                    "jvirt stop " + ShellWord.quoted(running) + " first, or while it runs: jvirt set "
                            + ShellWord.quoted(running) + " --resize-disk TARGET=SIZE");
        }
    }

    void refuseReading(Host host) {
        String running = running(host);
        if (running != null) {
            throw JvirtException.refused(
                    "domain '" + running + "' writes to volume '" + volume.name() + "': a copy of it now would be torn",
                    "jvirt stop " + ShellWord.quoted(running) + " first, or take it as it is: --force");
        }
        if (OpenFile.isWritten(host, volume.path())) {
            throw JvirtException.refused(
                    "another program, or a machine that runs on another host, writes to volume '" + volume.name()
                            + "': a copy of it now would be torn",
                    "stop that first, or take it as it is: --force");
        }
    }

    private @Nullable String running(Host host) {
        for (Use use : uses) {
            String name = use.domain();
            if (name == null || use.image() != null || use.snapshot() != null) {
                continue;
            }
            try (Domain domain = host.domainNamed(name)) {
                if (domain != null && domain.isActive()) {
                    return name;
                }
            }
        }
        return null;
    }
}
