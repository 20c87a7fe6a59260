// SPDX-License-Identifier: Apache-2.0
package io.jvirt.domain.delete;

import io.jvirt.domain.trash.TrashRecord;
import io.jvirt.domain.trash.TrashedFile;
import io.jvirt.domain.trash.TrashedFile.Kind;
import io.jvirt.storage.ImageReferences;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Instant;
import java.util.Comparator;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Which machines in the trash lie on disks of others there: a base outlives what lies on it, so it was deleted later. */
final class TrashedBases {
    private final List<TrashRecord> entries;

    TrashedBases(List<TrashRecord> entries) {
        this.entries = entries;
    }

    /** The machine in the trash whose file was the base of a disk of an entry; null where it is not there. */
    @Nullable
    TrashRecord of(TrashRecord entry, Path backing) {
        Instant since = Instant.parse(entry.deletedAt());
        return entries.stream()
                .filter(other -> !other.id().equals(entry.id()))
                .filter(other -> !Instant.parse(other.deletedAt()).isBefore(since))
                .filter(other ->
                        other.files().stream().anyMatch(file -> file.origin().equals(backing.normalize())))
                .min(Comparator.comparing(other -> Instant.parse(other.deletedAt())))
                .orElse(null);
    }

    /** The machines in the trash that have disks on files of this one. */
    List<TrashRecord> above(TrashRecord base) {
        return entries.stream()
                .filter(entry -> entry.files().stream()
                        .filter(file -> file.kind() == Kind.DISK)
                        .map(file -> references(file).backingFile())
                        .anyMatch(backing -> backing != null && isSame(base, of(entry, backing))))
                .toList();
    }

    private static boolean isSame(TrashRecord one, @Nullable TrashRecord other) {
        return other != null && one.id().equals(other.id());
    }

    /** What a disk in the trash names, as it meant it; nothing where that cannot be read: it comes back as damaged as it was. */
    static ImageReferences references(TrashedFile file) {
        try {
            return ImageReferences.read(file.trash(), file.origin());
        } catch (IOException e) {
            return new ImageReferences(null, null, null);
        }
    }
}
