// SPDX-License-Identifier: Apache-2.0
package io.jvirt.domain.delete;

import io.jvirt.domain.JvirtException;
import io.jvirt.domain.ShellWord;
import io.jvirt.domain.journal.StateDirectory;
import io.jvirt.domain.journal.Step;
import io.jvirt.domain.libvirt.Domain;
import io.jvirt.domain.libvirt.Host;
import io.jvirt.domain.step.MoveFileStep;
import io.jvirt.domain.step.TrashRecordStep;
import io.jvirt.domain.trash.Trash;
import io.jvirt.domain.trash.TrashArea;
import io.jvirt.domain.trash.TrashRecord;
import io.jvirt.domain.trash.TrashedFile;
import io.jvirt.domain.trash.TrashedSnapshot;
import io.jvirt.domain.xml.DomainXml;
import io.jvirt.domain.xml.device.Disk;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;

/**
 * A disk that its machine no longer has, in the trash: an entry without a definition, by the name {@code web:vdb}, which no
 * machine can have.
 */
public final class RemovedDisk {
    private RemovedDisk() {}

    static boolean is(TrashRecord entry) {
        return entry.definition().isEmpty();
    }

    /**
     * The way of a machine's disk into the trash; REFUSED where anybody else uses it, or a snapshot of the machine.
     *
     * @param definition of the machine, with the disk
     */
    public static List<Step> toTrash(Host host, DomainXml definition, String target) throws IOException {
        String name = definition.get(DomainXml.NAME, "");
        DomainXml alone = DomainXml.parse(definition.text());
        for (Disk disk : alone.disks()) {
            if (!target.equals(disk.get(Disk.TARGET))) {
                disk.element().remove();
            }
        }
        List<String> notes = new ArrayList<>();
        List<DiskRemoval> removals = select(host, alone, definition.get(DomainXml.UUID, ""), target, notes);
        if (removals.isEmpty()) {
            throw JvirtException.refused(
                    "disk '" + target + "' of '" + name + "' cannot go into the trash: "
                            + (notes.isEmpty() ? "it has no file" : notes.get(notes.size() - 1)),
                    "--remove-disk " + target + " leaves it where it is");
        }
        for (DiskRemoval removal : removals) {
            String reason = removal.notTrashable();
            if (reason != null) {
                throw JvirtException.refused(
                        "the disk " + removal.path() + " cannot wait in the trash: " + reason,
                        "--remove-disk " + target + " leaves it where it is");
            }
        }
        refuseSnapshots(host, name, removals.get(0).path(), target);
        return steps(host, name + ":" + target, removals);
    }

    /** The disk, and the file that has its data where that is another one. */
    private static List<DiskRemoval> select(Host host, DomainXml alone, String uuid, String target, List<String> notes)
            throws IOException {
        DeleteOptions intoTrash = new DeleteOptions(false, false, false);
        try (Domain domain = host.domainWithUuid(uuid)) {
            boolean isRunning = domain != null && domain.isActive();
            return new DiskSelection(host, intoTrash, List.of(), new ArrayList<>(), notes)
                    .of(alone, List.of(), uuid, isRunning);
        } catch (JvirtException e) {
            throw new JvirtException(
                    e.kind(), String.valueOf(e.getMessage()), "--remove-disk " + target + " leaves it where it is", e);
        }
    }

    private static void refuseSnapshots(Host host, String name, String path, String target) {
        try (Domain domain = host.findDomain(name)) {
            if (TrashedSnapshot.allOf(domain).stream().anyMatch(one -> one.xml().contains(path))) {
                throw JvirtException.refused(
                        "snapshots of domain '" + name + "' need the disk " + path,
                        "delete them first (jvirt snapshot list " + ShellWord.quoted(name)
                                + "), or keep the file: --remove-disk " + target);
            }
        }
    }

    private static List<Step> steps(Host host, String called, List<DiskRemoval> removals) throws IOException {
        Trash trash = new Trash(StateDirectory.current());
        String id = Trash.newId();
        Path home = place(removals.get(0), id);
        List<TrashedFile> files = new ArrayList<>();
        List<Step> moves = new ArrayList<>();
        for (DiskRemoval removal : removals) {
            Path origin = Path.of(removal.path()).toAbsolutePath().normalize();
            Path trashed = TrashedFile.place(place(removal, id), files.size());
            files.add(new TrashedFile(TrashedFile.Kind.DISK, origin, trashed, removal.pool()));
            moves.add(new MoveFileStep("put the disk " + origin + " into the trash", origin, trashed, removal.pool()));
        }
        TrashRecord entry = new TrashRecord(
                id,
                called,
                UUID.randomUUID().toString(),
                host.uri(),
                Instant.now().truncatedTo(ChronoUnit.SECONDS).toString(),
                false,
                "",
                List.copyOf(files),
                List.of(),
                home);
        List<Step> steps = new ArrayList<>(List.of(new TrashRecordStep(entry, trash.linkOf(entry))));
        steps.addAll(moves);
        return steps;
    }

    private static Path place(DiskRemoval removal, String id) throws IOException {
        Path directory = Path.of(removal.path()).toAbsolutePath().normalize().getParent();
        if (directory == null) {
            throw new IllegalStateException("a disk is in a directory: " + removal.path());
        }
        return TrashArea.of(directory, removal.pool() != null).resolve(id);
    }
}
