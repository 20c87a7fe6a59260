// SPDX-License-Identifier: Apache-2.0
package io.jvirt.domain.delete;

import io.jvirt.domain.JvirtException;
import io.jvirt.domain.journal.Step;
import io.jvirt.domain.step.ImageNamesStep;
import io.jvirt.domain.trash.TrashRecord;
import io.jvirt.domain.trash.TrashedFile;
import io.jvirt.domain.trash.TrashedSnapshot;
import io.jvirt.domain.xml.DomainXml;
import io.jvirt.domain.xml.XmlDocument;
import io.jvirt.domain.xml.XmlElement;
import io.jvirt.domain.xml.device.Disk;
import io.jvirt.storage.ImageReferences;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/** The images of a machine that comes back: each lies on the file that it lay on, wherever that is now. */
final class RestoredImages {
    private final TrashRecord entry;
    private final TrashedBases bases;

    RestoredImages(TrashRecord entry, TrashedBases bases) {
        this.entry = entry;
        this.bases = bases;
    }

    /** Refuses a disk whose base is gone, or in the trash while another file has its place. */
    void refuseWithoutBase(TrashedFile file) {
        Path backing = TrashedBases.references(file).backingFile();
        if (backing == null || comesToo(backing)) {
            return;
        }
        String disk = "the disk " + file.origin() + " of '" + entry.name() + "' is based on " + backing;
        TrashRecord base = bases.of(entry, backing);
        if (!Files.exists(backing)) {
            throw JvirtException.failed(
                    disk + ", which does not exist",
                    base == null
                            ? "its storage may be off; else bring it back from a backup"
                            : "undelete its machine first: jvirt undelete " + base.id());
        }
        if (base != null) {
            throw JvirtException.refused(
                    disk + ", which was deleted with '" + base.name() + "', and another file has its place",
                    "move that one away and undelete the base first: jvirt undelete " + base.id());
        }
    }

    private boolean comesToo(Path named) {
        return entry.files().stream().anyMatch(other -> other.origin().equals(named.normalize()));
    }

    /**
     * What makes the images name the files that come back to another place than they had. Only what the machine used as qcow2
     * is written to: the first bytes of a raw disk are its guest's.
     */
    static List<Step> renaming(TrashRecord entry, Map<TrashedFile, Path> targets) {
        Predicate<TrashedFile> isQcow2 = qcow2(entry);
        List<Step> steps = new ArrayList<>();
        targets.forEach((file, target) -> {
            if (isQcow2.test(file)) {
                ImageReferences names = TrashedBases.references(file);
                String backing = moved(names.backingFile(), targets);
                String data = moved(names.dataFile(), targets);
                if (backing != null || data != null) {
                    steps.add(new ImageNamesStep(target, backing, data));
                }
            }
        });
        return steps;
    }

    private static Predicate<TrashedFile> qcow2(TrashRecord entry) {
        if (RemovedDisk.is(entry)) {
            // A second file is there only with a qcow2 image, and then it is that one's data.
            return file -> entry.files().size() > 1 && file.equals(entry.files().get(0));
        }
        List<Disk> disks = new ArrayList<>(DomainXml.parse(entry.definition()).disks());
        for (TrashedSnapshot snapshot : entry.snapshots()) {
            XmlElement then = XmlDocument.parse(snapshot.xml()).root().element("domain");
            disks.addAll(
                    then == null ? List.of() : DomainXml.parse(then.toString()).disks());
        }
        return file -> {
            List<Disk> own = disks.stream().filter(disk -> isOf(disk, file)).toList();
            return !own.isEmpty() && own.stream().allMatch(disk -> "qcow2".equals(disk.get(Disk.FORMAT)));
        };
    }

    /** A volume that is in the trash cannot be looked up, but it had its name. */
    private static boolean isOf(Disk disk, TrashedFile file) {
        String path = disk.sourcePath();
        return path == null
                ? String.valueOf(file.origin().getFileName()).equals(disk.get(Disk.SOURCE_VOLUME))
                : file.origin().equals(Path.of(path).toAbsolutePath().normalize());
    }

    /** The new place of a named file; null where it has none. */
    private static @Nullable String moved(@Nullable Path named, Map<TrashedFile, Path> targets) {
        for (Map.Entry<TrashedFile, Path> other : targets.entrySet()) {
            Path origin = other.getKey().origin();
            if (named != null
                    && named.normalize().equals(origin)
                    && !other.getValue().equals(origin)) {
                return other.getValue().toString();
            }
        }
        return null;
    }
}
