// SPDX-License-Identifier: Apache-2.0
package io.jvirt.domain.delete;

import io.jvirt.domain.JvirtException;
import io.jvirt.domain.journal.Step;
import io.jvirt.domain.libvirt.Host;
import io.jvirt.domain.libvirt.LibvirtException;
import io.jvirt.domain.libvirt.Pool;
import io.jvirt.domain.libvirt.Volume;
import io.jvirt.domain.step.DeleteFileStep;
import io.jvirt.domain.step.DeleteVolumeStep;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/** How one disk goes: into the trash, as a file, as a volume, or not at all. */
final class DiskRemoval {
    private final boolean isLocal;
    private final String path;
    private final @Nullable String pool;
    private final @Nullable String volume;

    private DiskRemoval(Host host, String path, @Nullable String pool, @Nullable String volume) {
        this.isLocal = !host.isRemote();
        this.path = path;
        this.pool = pool;
        this.volume = volume;
    }

    static DiskRemoval of(Host host, String path) {
        try (Volume found = Volume.atPath(host, path)) {
            if (found == null) {
                return new DiskRemoval(host, path, poolAround(host, path), null);
            }
            try (Pool of = found.pool()) {
                return new DiskRemoval(host, path, of.name(), found.name());
            }
        }
    }

    /** The pool that it will be in after a refresh. */
    private static @Nullable String poolAround(Host host, String path) {
        Path directory = Path.of(path).getParent();
        if (directory == null || host.isRemote()) {
            return null;
        }
        try (Pool pool = Pool.withTarget(host, directory.toString())) {
            return pool == null ? null : pool.name();
        } catch (LibvirtException e) {
            // A driver that cannot tell has nothing to refresh either.
            return null;
        }
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
