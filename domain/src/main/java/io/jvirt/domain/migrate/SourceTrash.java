// SPDX-License-Identifier: Apache-2.0
package io.jvirt.domain.migrate;

import io.jvirt.domain.journal.Step;
import io.jvirt.domain.libvirt.Pool;
import io.jvirt.domain.libvirt.Volume;
import io.jvirt.domain.migrate.step.UnlockTrashedStep;
import io.jvirt.domain.reference.ReferenceGraph;
import io.jvirt.domain.reference.SnapshotFiles;
import io.jvirt.domain.reference.Use;
import io.jvirt.domain.step.MoveFileStep;
import io.jvirt.domain.step.TrashRecordStep;
import io.jvirt.domain.trash.Trash;
import io.jvirt.domain.trash.TrashArea;
import io.jvirt.domain.trash.TrashRecord;
import io.jvirt.domain.trash.TrashedFile;
import io.jvirt.domain.trash.TrashedSnapshot;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * What is left on the source: the domain's own files go to the trash, from where {@code jvirt undelete} could bring the
 * machine back as it was before it moved. Of the images below them those go that it had when its snapshots were taken, where
 * nobody else has come to use them; others stay, since machines to come may be based on them. Saved memory goes there even
 * where the files are to stay: libvirt would take it for that of the next machine of the name.
 */
final class SourceTrash {
    private SourceTrash() {}

    /** The record, then a move for each file; empty where all stays. */
    static List<Step> plan(Move move, FilePlan plan, Trash trash, Findings findings) throws IOException {
        List<TrashedSnapshot> snapshots = TrashedSnapshot.allOf(move.domain());
        List<MovedFile> own =
                own(move, plan, SnapshotFiles.disks(move.source(), snapshots).keySet());
        keepDevices(own, findings);
        if (own.isEmpty()) {
            return List.of();
        }
        keepUsed(move, own, findings);
        String id = Trash.newId();
        List<TrashedFile> files = new ArrayList<>();
        for (MovedFile file : own) {
            if (file.role().equals("tpm")) {
                // The directory goes as a whole, below.
                continue;
            }
            Path origin = Path.of(file.path());
            String pool = poolOf(move, file.path());
            Path trashed = TrashedFile.place(
                    TrashArea.of(directoryOf(origin), pool != null).resolve(id), files.size());
            files.add(new TrashedFile(kind(file.role()), origin, trashed, pool));
            plan.trashed(file);
        }
        tpm(move, plan, id, files);
        Path home = files.isEmpty() ? null : files.get(0).trash().getParent();
        if (home == null) {
            return List.of();
        }
        TrashRecord entry = new TrashRecord(
                id,
                move.name(),
                move.uuid(),
                move.source().uri(),
                Instant.now().truncatedTo(ChronoUnit.SECONDS).toString(),
                move.domain().autostart(),
                move.sourceXml(),
                List.copyOf(files),
                snapshots,
                home);
        List<Step> steps = new ArrayList<>();
        steps.add(new TrashRecordStep(entry, trash.linkOf(entry)));
        for (TrashedFile file : files) {
            steps.add(new MoveFileStep(
                    "put the " + file.kind().text() + " " + file.origin() + " into the trash",
                    file.origin(),
                    file.trash(),
                    file.pool()));
            if (file.kind() == TrashedFile.Kind.SAVED_STATE) {
                steps.add(new UnlockTrashedStep(file.trash()));
            }
        }
        return steps;
    }

    /** What could go: nothing of that is shared with the target. */
    private static List<MovedFile> own(Move move, FilePlan plan, Set<String> snapshotDisks) {
        List<MovedFile> own = new ArrayList<>();
        for (MovedFile file : plan.files()) {
            boolean isOwn = switch (file.action()) {
                case COPY, UPDATE -> !file.role().equals("backing") || snapshotDisks.contains(file.path());
                case REUSE -> snapshotDisks.contains(file.path());
                case FLATTEN, SHARED -> false;
            };
            if (isOwn && (!move.request().keepsSource() || file.role().equals(SavedMemory.ROLE))) {
                own.add(file);
            }
        }
        return own;
    }

    private static void keepDevices(List<MovedFile> own, Findings findings) {
        own.removeIf(file -> {
            boolean isDevice = !file.role().equals("tpm") && !Files.isRegularFile(Path.of(file.path()));
            if (isDevice) {
                findings.note("disk", "the device " + file.path() + " stays as it is on this host");
            }
            return isDevice;
        });
    }

    /** Takes out what others need, and then what lies below that. */
    private static void keepUsed(Move move, List<MovedFile> own, Findings findings) throws IOException {
        Set<Path> directories = new HashSet<>();
        for (MovedFile file : own) {
            directories.add(directoryOf(Path.of(file.path())));
        }
        ReferenceGraph graph = ReferenceGraph.read(move.source(), move.uuid(), directories);
        boolean isChanged = true;
        while (isChanged) {
            Set<String> going = new HashSet<>();
            own.forEach(file -> going.add(file.path()));
            isChanged = own.removeIf(file -> {
                // An image that goes into the trash too may name it: that one's data is in this file.
                Use other = graph.uses(file.path()).stream()
                        .filter(use -> use.domain() != null || !going.contains(String.valueOf(use.image())))
                        .findFirst()
                        .orElse(null);
                if (other != null) {
                    findings.note("disk", file.path() + " stays on this host: it is also used by " + other);
                }
                return other != null;
            });
        }
    }

    private static TrashedFile.Kind kind(String role) {
        return switch (role) {
            case "nvram" -> TrashedFile.Kind.NVRAM;
            case SavedMemory.ROLE -> TrashedFile.Kind.SAVED_STATE;
            case SnapshotPlanner.MEMORY_ROLE -> TrashedFile.Kind.MEMORY;
            default -> TrashedFile.Kind.DISK;
        };
    }

    private static void tpm(Move move, FilePlan plan, String id, List<TrashedFile> files) throws IOException {
        boolean any = false;
        for (MovedFile file : List.copyOf(plan.files())) {
            if (file.role().equals("tpm")
                    && file.action() != MovedFile.Action.SHARED
                    && !move.request().keepsSource()) {
                plan.trashed(file);
                any = true;
            }
        }
        if (any) {
            Path origin = TpmState.directory(move.uuid());
            Path trashed =
                    TrashedFile.place(TrashArea.of(directoryOf(origin), false).resolve(id), files.size());
            files.add(new TrashedFile(TrashedFile.Kind.TPM, origin, trashed, null));
        }
    }

    private static @Nullable String poolOf(Move move, String path) {
        try (Volume volume = Volume.atPath(move.source(), path)) {
            if (volume == null) {
                return Pool.nameAround(move.source(), path);
            }
            try (Pool pool = volume.pool()) {
                return pool.name();
            }
        }
    }

    private static Path directoryOf(Path file) {
        Path parent = file.getParent();
        return parent == null ? Path.of("/") : parent;
    }
}
