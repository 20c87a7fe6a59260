// SPDX-License-Identifier: Apache-2.0
package io.jvirt.domain.trash;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Where deleted files of a directory wait: always on the directory's own file system. libvirt lists every entry of a pool's
 * directory as a volume, hidden ones too, so for a pool the area lies beside the directory where that is the same file
 * system: {@code POOL/../.jvirt-trash/POOL-NAME/ID}; else, and for other directories, {@code DIRECTORY/.jvirt-trash/ID}.
 */
public final class TrashArea {
    static final String NAME = ".jvirt-trash";

    private TrashArea() {}

    /** Where a file of a directory goes; nothing is made. */
    public static Path of(Path directory, boolean isPool) throws IOException {
        Path beside = beside(directory);
        Path parent = directory.getParent();
        if (beside == null) {
            return directory.resolve(NAME);
        }
        boolean fits = isPool
                && parent != null
                && Files.isWritable(parent)
                && Files.getAttribute(parent, "unix:dev").equals(Files.getAttribute(directory, "unix:dev"));
        return fits ? beside : directory.resolve(NAME);
    }

    /** Where deleted files of a directory may be; these directories need not exist. */
    public static List<Path> candidates(Path directory) {
        List<Path> areas = new ArrayList<>();
        areas.add(directory.resolve(NAME));
        Path beside = beside(directory);
        if (beside != null) {
            areas.add(beside);
        }
        return areas;
    }

    /** Whether a path is that of a file in the trash. */
    public static boolean contains(String path) {
        return path.contains("/" + NAME + "/");
    }

    /** Whether a directory is an area, or a part of one. */
    public static boolean isWithin(Path directory) {
        return (directory + "/").contains("/" + NAME + "/");
    }

    private static @Nullable Path beside(Path directory) {
        Path parent = directory.getParent();
        // Nobody expects such a thing in the root directory.
        return parent == null || parent.getParent() == null
                ? null
                : parent.resolve(NAME).resolve(directory.getFileName());
    }
}
