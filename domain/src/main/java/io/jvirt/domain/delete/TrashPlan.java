// SPDX-License-Identifier: Apache-2.0
package io.jvirt.domain.delete;

import io.jvirt.domain.journal.Step;
import io.jvirt.domain.libvirt.Domain;
import io.jvirt.domain.libvirt.Host;
import io.jvirt.domain.step.MoveFileStep;
import io.jvirt.domain.step.TrashRecordStep;
import io.jvirt.domain.trash.Trash;
import io.jvirt.domain.trash.TrashArea;
import io.jvirt.domain.trash.TrashRecord;
import io.jvirt.domain.trash.TrashedFile;
import io.jvirt.domain.trash.TrashedFile.Kind;
import io.jvirt.domain.trash.TrashedSnapshot;
import io.jvirt.domain.xml.DomainXml;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The way of a machine into the trash.
 *
 * @param id of the entry
 * @param steps the record, then a move for each file
 */
record TrashPlan(String id, List<Step> steps) {
    static TrashPlan of(
            Host host,
            Trash trash,
            Domain domain,
            String definition,
            DomainXml xml,
            List<DiskRemoval> disks,
            List<TrashedSnapshot> snapshots)
            throws IOException {
        String id = Trash.newId();
        String uri = host.uri();
        List<TrashedFile> files = new ArrayList<>();
        for (DiskRemoval disk : disks) {
            add(files, id, disk.kind(), Path.of(disk.path()), disk.pool());
        }
        Path home = files.isEmpty() ? null : files.get(0).trash().getParent();
        for (Map.Entry<Kind, Path> file :
                DomainStateFiles.of(uri, xml, domain.name(), domain.uuid()).entrySet()) {
            add(files, id, file.getKey(), file.getValue(), null);
        }
        TrashRecord entry = new TrashRecord(
                id,
                domain.name(),
                domain.uuid(),
                uri,
                Instant.now().truncatedTo(ChronoUnit.SECONDS).toString(),
                domain.isPersistent() && domain.autostart(),
                definition,
                List.copyOf(files),
                snapshots,
                home == null ? trash.linkOf(id) : home);
        List<Step> steps = new ArrayList<>();
        steps.add(new TrashRecordStep(entry, trash.linkOf(entry)));
        for (TrashedFile file : files) {
            steps.add(new MoveFileStep(
                    "put the " + file.kind().text() + " " + file.origin() + " into the trash",
                    file.origin(),
                    file.trash(),
                    file.pool()));
        }
        return new TrashPlan(id, steps);
    }

    private static void add(List<TrashedFile> files, String id, Kind kind, Path origin, @Nullable String pool)
            throws IOException {
        Path file = origin.toAbsolutePath().normalize();
        Path directory = file.getParent();
        if (directory != null) {
            // A number for a name: the file is no longer what it was called.
            Path trash = TrashedFile.place(TrashArea.of(directory, pool != null).resolve(id), files.size());
            files.add(new TrashedFile(kind, file, trash, pool));
        }
    }
}
