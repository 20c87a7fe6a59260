// SPDX-License-Identifier: Apache-2.0
package io.jvirt.domain.delete;

import io.jvirt.domain.Cancellation;
import io.jvirt.domain.JvirtException;
import io.jvirt.domain.journal.Journal;
import io.jvirt.domain.journal.Operation;
import io.jvirt.domain.journal.Step;
import io.jvirt.domain.libvirt.Domain;
import io.jvirt.domain.libvirt.Host;
import io.jvirt.domain.libvirt.Pool;
import io.jvirt.domain.libvirt.Volume;
import io.jvirt.domain.reference.DomainDisk;
import io.jvirt.domain.reference.ReferenceGraph;
import io.jvirt.domain.reference.Use;
import io.jvirt.domain.step.DeleteFileStep;
import io.jvirt.domain.step.DeleteVolumeStep;
import io.jvirt.domain.step.DestroyStep;
import io.jvirt.domain.step.UndefineStep;
import io.jvirt.domain.xml.DomainXml;
import io.jvirt.domain.xml.device.Disk;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** The verb {@code delete}: a domain with its disks, NVRAM, saved state and snapshot metadata. */
public final class Delete {
    private final Host host;
    private final Journal journal;
    private final boolean isLocal;

    public Delete(Host host, Journal journal) {
        this.host = host;
        this.journal = journal;
        this.isLocal = !host.isRemote();
    }

    /**
     * Checks everything and changes nothing.
     *
     * @param force a running domain is forced off first
     * @param keepDisks its disks stay
     */
    public DeletePlan plan(String nameOrUuid, boolean force, boolean keepDisks) throws IOException {
        try (Domain domain = host.findDomain(nameOrUuid)) {
            String uuid = domain.uuid();
            journal.refuseOthers(host.uri(), List.of(domain.name(), uuid));
            boolean active = domain.isActive();
            if (active && !force) {
                throw JvirtException.refused(
                        "domain '" + domain.name() + "' is running",
                        "jvirt stop " + domain.name() + ", or jvirt delete " + domain.name() + " --force");
            }
            boolean persistent = domain.isPersistent();
            DomainXml xml = DomainXml.parse(persistent ? domain.inactiveXml() : domain.xml());
            List<Step> steps = new ArrayList<>();
            if (active) {
                steps.add(new DestroyStep(domain.name(), uuid));
            }
            if (persistent) {
                steps.add(new UndefineStep(domain.name(), uuid, !xml.tpms().isEmpty()));
            }
            List<String> deleted = new ArrayList<>();
            List<String> kept = new ArrayList<>();
            List<String> notes = new ArrayList<>();
            planDisks(xml, uuid, keepDisks, steps, deleted, kept, notes);
            return new DeletePlan(new DeletedDomain(domain.name(), uuid, deleted, kept), steps, notes);
        }
    }

    private void planDisks(
            DomainXml xml,
            String uuid,
            boolean keepDisks,
            List<Step> steps,
            List<String> deleted,
            List<String> kept,
            List<String> notes)
            throws IOException {
        Set<String> paths = new LinkedHashSet<>();
        Set<Path> directories = new HashSet<>();
        for (Disk disk : xml.disks()) {
            String path = DomainDisk.pathOf(host, disk);
            if (path == null) {
                if (disk.isDisk() && disk.get(Disk.SOURCE_PROTOCOL) != null) {
                    notes.add("the network disk " + disk.get(Disk.SOURCE_NAME) + " is left where it is");
                }
                continue;
            }
            if (keepDisks || !disk.isDisk()) {
                kept.add(path);
            } else if (disk.get(Disk.READONLY) != null || disk.get(Disk.SHAREABLE) != null) {
                kept.add(path);
                notes.add(path + " is " + (disk.get(Disk.READONLY) != null ? "read-only" : "shareable")
                        + " and is left where it is");
            } else {
                paths.add(path);
                Path directory = Path.of(path).getParent();
                if (isLocal && directory != null) {
                    directories.add(directory);
                }
            }
        }
        if (paths.isEmpty()) {
            return;
        }
        ReferenceGraph references = ReferenceGraph.read(host, uuid, directories);
        for (String path : paths) {
            refuseUsed(path, references, paths);
            Step step = deletion(path, kept, notes);
            if (step != null) {
                steps.add(step);
                deleted.add(path);
            }
        }
    }

    private static void refuseUsed(String path, ReferenceGraph references, Set<String> going) throws IOException {
        for (Use use : references.uses(path)) {
            // An overlay that goes as well needs nothing.
            if (use.domain() == null && going.contains(String.valueOf(use.image()))) {
                continue;
            }
            throw JvirtException.refused(
                    "the disk " + path + " is also used by " + use,
                    "delete that first, or leave the disks: --keep-disks");
        }
    }

    private @Nullable Step deletion(String path, List<String> kept, List<String> notes) throws IOException {
        try (Volume volume = Volume.atPath(host, path)) {
            String pool = null;
            if (volume != null) {
                try (Pool of = volume.pool()) {
                    pool = of.name();
                }
            }
            if (isLocal) {
                Path file = Path.of(path);
                if (!Files.exists(file) && volume == null) {
                    notes.add(path + " does not exist");
                    return null;
                }
                if (Files.isRegularFile(file)) {
                    Path directory = file.toAbsolutePath().getParent();
                    if (directory != null && Files.isWritable(directory)) {
                        return new DeleteFileStep(file, pool);
                    }
                    if (volume == null) {
                        throw JvirtException.failed(
                                "cannot remove " + path + ": permission denied in " + directory,
                                "run it as root, or leave the disks: --keep-disks");
                    }
                }
            }
            if (volume != null && pool != null) {
                return new DeleteVolumeStep(pool, volume.name());
            }
            kept.add(path);
            notes.add(path + " is in no pool" + (isLocal ? " and no file" : " of that host")
                    + "; it is left where it is");
            return null;
        }
    }

    /** Performs a plan. What has begun is only finished, never undone: {@code jvirt recover --resume}. */
    public DeletedDomain perform(DeletePlan plan, Cancellation cancellation, Operation.Listener listener)
            throws Exception {
        DeletedDomain domain = plan.domain();
        try (Operation operation =
                journal.begin("delete", host.uri(), List.of(domain.name(), domain.uuid()), plan.steps())) {
            operation.perform(host, cancellation, listener);
        }
        return domain;
    }
}
