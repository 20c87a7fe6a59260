// SPDX-License-Identifier: Apache-2.0
package io.jvirt.domain.delete;

import io.jvirt.domain.trash.TrashRecord;
import io.jvirt.domain.trash.TrashedFile;
import io.jvirt.storage.file.HostFile;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;

/**
 * A machine in the trash, as it is shown.
 *
 * @param id of its entry
 * @param deletedAt ISO 8601 in UTC
 * @param allocatedBytes what its files take on disk
 * @param disks where its disks were
 * @param snapshots how many come back with it
 * @param directory where its record is
 */
public record TrashedMachine(
        String id,
        String name,
        String uuid,
        String deletedAt,
        long allocatedBytes,
        List<String> disks,
        int snapshots,
        String directory) {
    static TrashedMachine of(TrashRecord entry) {
        long bytes = 0;
        for (TrashedFile file : entry.files()) {
            bytes += allocatedBytes(file.trash());
        }
        return new TrashedMachine(
                entry.id(),
                entry.name(),
                entry.uuid(),
                entry.deletedAt(),
                bytes,
                entry.files().stream()
                        .filter(file -> file.kind() == TrashedFile.Kind.DISK)
                        .map(file -> file.origin().toString())
                        .toList(),
                (int) entry.snapshots().stream()
                        .filter(one -> !one.isCheckpoint())
                        .count(),
                entry.home().toString());
    }

    private static long allocatedBytes(Path file) {
        try {
            if (Files.isRegularFile(file, LinkOption.NOFOLLOW_LINKS)) {
                try (HostFile opened = HostFile.open(file, true)) {
                    return opened.allocatedBytes();
                }
            }
            if (!Files.isDirectory(file, LinkOption.NOFOLLOW_LINKS)) {
                return 0;
            }
            long bytes = 0;
            try (Stream<Path> inside = Files.list(file)) {
                for (Path one : inside.toList()) {
                    bytes += allocatedBytes(one);
                }
            }
            return bytes;
        } catch (IOException e) {
            // What has gone takes nothing.
            return 0;
        }
    }
}
