// SPDX-License-Identifier: Apache-2.0
package io.jvirt.domain.delete;

import io.jvirt.domain.JvirtException;
import io.jvirt.domain.journal.Step;
import io.jvirt.domain.libvirt.Host;
import io.jvirt.domain.libvirt.Pool;
import io.jvirt.domain.libvirt.Volume;
import io.jvirt.domain.step.DeleteFileStep;
import io.jvirt.domain.step.DeleteVolumeStep;
import io.jvirt.domain.trash.TrashedFile.Kind;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/** How one disk, or other file of a machine, goes: into the trash, as a file, as a volume, or not at all. */
final class DiskRemoval {
    private final Kind kind;
    private final boolean isLocal;
    private final String path;
    private final @Nullable String pool;
    private final @Nullable String volume;

    private DiskRemoval(Host host, Kind kind, String path, @Nullable String pool, @Nullable String volume) {
        this.kind = kind;
        this.isLocal = !host.isRemote();
        this.path = path;
        this.pool = pool;
        this.volume = volume;
    }

    static DiskRemoval of(Host host, String path) {
        return of(host, Kind.DISK, path);
    }

    static DiskRemoval of(Host host, Kind kind, String path) {
        try (Volume found = Volume.atPath(host, path)) {
            if (found == null) {
                return new DiskRemoval(host, kind, path, host.isRemote() ? null : Pool.nameAround(host, path), null);
            }
            try (Pool of = found.pool()) {
                return new DiskRemoval(host, kind, path, of.name(), found.name());
            }
        }
    }

    Kind kind() {
        return kind;
    }

    String path() {
        return path;
    }

    @Nullable
    String pool() {
        return pool;
    }

    boolean exists() {
        return volume != null || (isLocal && Files.exists(Path.of(path), LinkOption.NOFOLLOW_LINKS));
    }

    /** Why it cannot wait in the trash; null where it can. */
    @Nullable
    String notTrashable() {
        if (!isLocal) {
            return "it is on another host";
        }
        Path file = Path.of(path);
        if (!Files.isRegularFile(file)) {
            return Files.exists(file) ? "it is no file" : "it is a volume of pool '" + pool + "', not a file";
        }
        Path directory = file.toAbsolutePath().getParent();
        return directory == null || !Files.isWritable(directory) ? "permission denied in " + directory : null;
    }

    /** For good; null where it is in no way jvirt could remove. */
    @Nullable
    Step forGood() throws IOException {
        if (isLocal && Files.isRegularFile(Path.of(path))) {
            Path file = Path.of(path);
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
        return pool != null && volume != null ? new DeleteVolumeStep(pool, volume) : null;
    }
}
