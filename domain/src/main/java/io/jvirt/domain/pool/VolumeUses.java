// SPDX-License-Identifier: Apache-2.0
package io.jvirt.domain.pool;

import io.jvirt.domain.JvirtException;
import io.jvirt.domain.ShellWord;
import io.jvirt.domain.journal.DomainLock;
import io.jvirt.domain.journal.JournalName;
import io.jvirt.domain.libvirt.Domain;
import io.jvirt.domain.libvirt.Host;
import io.jvirt.domain.reference.BlindSpot;
import io.jvirt.domain.reference.ReferenceGraph;
import io.jvirt.domain.reference.Use;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** Who uses a volume, and what may therefore not be done to it. */
public final class VolumeUses {
    private final VolumeSummary volume;
    private final List<Use> uses;
    private final List<BlindSpot> blindSpots;

    private VolumeUses(VolumeSummary volume, ReferenceGraph graph) {
        this.volume = volume;
        this.uses = graph.uses(volume.path());
        this.blindSpots = graph.blindSpots();
    }

    public static VolumeUses read(Host host, VolumeSummary volume) {
        return new VolumeUses(volume, ReferenceGraph.read(host));
    }

    /** For people: {@code domain 'web'}, {@code image /…/overlay.qcow2}. */
    public List<String> texts() {
        return uses.stream().map(Use::toString).toList();
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

    void refuseDeletion() {
        if (!uses.isEmpty()) {
            Use first = uses.get(0);
            throw JvirtException.refused(
                    "volume '" + volume.name() + "' is used by " + first + more(),
                    first.domain() == null
                            ? "delete the image on top first, or make it whole: jvirt disk rebase -b '' "
                                    + first.image()
                            : "jvirt info " + ShellWord.quoted(first.domain()) + " shows its disks; jvirt delete "
                                    + ShellWord.quoted(first.domain()) + " deletes both");
        }
        if (!blindSpots.isEmpty()) {
            throw JvirtException.refused(
                    "nobody can tell whether volume '" + volume.name() + "' is used: "
                            + blindSpots.get(0).place() + ": "
                            + blindSpots.get(0).reason(),
                    "mend or stop what does not answer first: jvirt pool list");
        }
    }

    private String more() {
        return uses.size() == 1 ? "" : " and " + (uses.size() - 1) + " more";
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
    }

    private @Nullable String running(Host host) {
        for (Use use : uses) {
            String name = use.domain();
            if (name == null || use.image() != null) {
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
