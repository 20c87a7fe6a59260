// SPDX-License-Identifier: Apache-2.0
package io.jvirt.domain.delete;

import io.jvirt.domain.JvirtException;
import io.jvirt.domain.libvirt.Host;
import io.jvirt.domain.libvirt.Pool;
import io.jvirt.domain.reference.BlindSpot;
import io.jvirt.domain.reference.DomainDisk;
import io.jvirt.domain.reference.OpenFile;
import io.jvirt.domain.reference.ReferenceGraph;
import io.jvirt.domain.reference.SnapshotFiles;
import io.jvirt.domain.reference.Use;
import io.jvirt.domain.trash.TrashedFile.Kind;
import io.jvirt.domain.trash.TrashedSnapshot;
import io.jvirt.domain.xml.DomainXml;
import io.jvirt.domain.xml.device.Disk;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;

/** Which disks go with a machine, and which stay and why. */
final class DiskSelection {
    private final Host host;
    private final boolean isLocal;
    private final DeleteOptions options;
    private final List<DeletedDomain> gone;
    private final List<String> kept;
    private final List<String> notes;

    /**
     * A selection.
     *
     * @param gone machines that are deleted before this one
     * @param kept gets the paths of those that stay
     * @param notes gets what the user should know
     */
    DiskSelection(Host host, DeleteOptions options, List<DeletedDomain> gone, List<String> kept, List<String> notes) {
        this.host = host;
        this.isLocal = !host.isRemote();
        this.options = options;
        this.gone = gone;
        this.kept = kept;
        this.notes = notes;
    }

    /**
     * Those that go; REFUSED where somebody else uses one.
     *
     * @param isRunning the machine has them open itself
     */
    List<DiskRemoval> of(DomainXml xml, List<TrashedSnapshot> snapshots, String uuid, boolean isRunning)
            throws IOException {
        Set<String> paths = new LinkedHashSet<>();
        Map<String, String> formats = SnapshotFiles.disks(host, snapshots);
        Set<Path> directories = new HashSet<>();
        for (Disk disk : xml.disks()) {
            String path = DomainDisk.pathOf(host, disk);
            if (path == null) {
                if (disk.isDisk() && disk.get(Disk.SOURCE_PROTOCOL) != null) {
                    notes.add("the network disk " + disk.get(Disk.SOURCE_NAME) + " is left where it is");
                }
                continue;
            }
            if (options.keepDisks() || !disk.isDisk()) {
                kept.add(path);
            } else if (disk.get(Disk.READONLY) != null || disk.get(Disk.SHAREABLE) != null) {
                kept.add(path);
                notes.add(path + " is " + (disk.get(Disk.READONLY) != null ? "read-only" : "shareable")
                        + " and is left where it is");
            } else {
                paths.add(path);
                formats.put(path, disk.get(Disk.FORMAT, "raw"));
                Path directory = Path.of(path).getParent();
                if (isLocal && directory != null) {
                    directories.add(directory);
                }
            }
        }
        List<DiskRemoval> disks = new ArrayList<>();
        if (paths.isEmpty()) {
            return disks;
        }
        ReferenceGraph references = ReferenceGraph.read(host, uuid, directories);
        for (BlindSpot spot : references.blindSpots()) {
            if (!spot.isImage()) {
                notes.add("whether anything uses these disks could not be seen in " + spot);
            }
        }
        addBelowSnapshots(formats.keySet(), references, paths);
        addDataFiles(formats, references, paths);
        for (String path : paths) {
            refuseUsed(path, references, paths, options.purge());
            if (!isRunning) {
                OpenFile.refuse(host, path, "the disk " + path, "; --keep-disks leaves the disks");
            }
            DiskRemoval disk = DiskRemoval.of(host, path);
            if (disk.exists()) {
                disks.add(disk);
            } else {
                notes.add(path + (isLocal ? " does not exist" : " is in no pool of that host; it is left where it is"));
                if (!isLocal) {
                    kept.add(path);
                }
            }
        }
        for (String path : SnapshotFiles.memory(snapshots)) {
            DiskRemoval memory = DiskRemoval.of(host, Kind.MEMORY, path);
            if (memory.exists()) {
                disks.add(memory);
            }
        }
        return disks;
    }

    /** The disks of a machine's external snapshots are its own as well, where nobody else has come to use them. */
    private static void addBelowSnapshots(Set<String> own, ReferenceGraph references, Set<String> paths) {
        Set<String> chain = new LinkedHashSet<>();
        paths.forEach(path -> chain.addAll(references.chain(path)));
        for (String below : chain) {
            boolean isFree = references.uses(below).stream()
                    .allMatch(use -> use.domain() == null && paths.contains(String.valueOf(use.image())));
            if (own.contains(below) && isFree) {
                paths.add(below);
            }
        }
    }

    /**
     * The files that have the disks' data go with them. Only a disk that is defined as qcow2 is believed, as a guest can
     * write what it likes into a raw one, and only where disks are kept: an image may have come from anywhere.
     */
    private void addDataFiles(Map<String, String> formats, ReferenceGraph references, Set<String> paths) {
        for (String path : List.copyOf(paths)) {
            String data = "qcow2".equals(formats.get(path)) ? references.dataFile(path) : null;
            if (data == null || paths.contains(data)) {
                continue;
            }
            if (!isBeside(path, data) && Pool.nameAround(host, data) == null) {
                kept.add(data);
                notes.add(data + ", which has the data of " + path + ", is in no pool and is left where it is");
                continue;
            }
            Use other = references.uses(data).stream()
                    .filter(use -> use.domain() != null || !paths.contains(String.valueOf(use.image())))
                    .findFirst()
                    .orElse(null);
            if (other == null) {
                paths.add(data);
            } else {
                kept.add(data);
                notes.add(data + ", which has the data of " + path + ", is left where it is: it is also used by "
                        + other);
            }
        }
    }

    private static boolean isBeside(String path, String other) {
        return Objects.equals(Path.of(path).getParent(), Path.of(other).getParent());
    }

    private void refuseUsed(String path, ReferenceGraph references, Set<String> going, boolean purge) {
        for (Use use : references.uses(path)) {
            // An overlay that goes as well needs nothing.
            if (use.domain() == null && going.contains(String.valueOf(use.image()))) {
                continue;
            }
            if (isGone(use)) {
                continue;
            }
            if (use.isTrashed()) {
                if (purge) {
                    throw JvirtException.refused(
                            "the disk " + path + " is needed by a machine in the trash: " + use.image(),
                            "jvirt trash list shows it: purge that first, or delete this one without --purge");
                }
                continue;
            }
            throw JvirtException.refused(
                    "the disk " + path + " is also used by " + use,
                    "delete that first, or leave the disks: --keep-disks");
        }
    }

    /** A disk that its machine leaves behind is one more use, without a domain, and stays. */
    private boolean isGone(Use use) {
        return gone.stream()
                .anyMatch(machine -> use.domain() == null
                        ? machine.disks().contains(String.valueOf(use.image()))
                        : machine.name().equals(use.domain()));
    }
}
