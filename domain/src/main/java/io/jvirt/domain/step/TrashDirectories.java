// SPDX-License-Identifier: Apache-2.0
package io.jvirt.domain.step;

import io.jvirt.domain.journal.StepPlan;
import io.jvirt.domain.trash.TrashArea;
import io.jvirt.domain.trash.TrashRecord;
import io.jvirt.domain.trash.TrashedFile;
import java.io.IOException;
import java.nio.file.DirectoryNotEmptyException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * The directories of an entry in the trash.
 *
 * @param directories the record's own last
 * @param link from the state directory to the last one; null where that is the state directory's own
 */
record TrashDirectories(List<Path> directories, @Nullable Path link) {
    static TrashDirectories read(StepPlan plan) {
        String link = plan.parameters().get("link");
        List<Path> directories = new ArrayList<>();
        for (String line : Parameters.required(plan, "directories").split("\n", -1)) {
            directories.add(Path.of(line));
        }
        return new TrashDirectories(directories, link == null ? null : Path.of(link));
    }

    String text() {
        return directories.stream().map(Path::toString).collect(Collectors.joining("\n"));
    }

    Path home() {
        return directories.get(directories.size() - 1);
    }

    /**
     * Removes the entry: files first, the record after them, the link last, so that what is left is always found again. What
     * somebody else has put there, before or meanwhile, stays.
     *
     * @param withFiles false: only the record, and directories that are empty
     * @return the directories that are not empty
     */
    List<Path> remove(boolean withFiles) throws IOException {
        List<Path> left = new ArrayList<>();
        for (Path directory : directories) {
            if (withFiles) {
                for (Path file : list(directory)) {
                    if (TrashedFile.isNamedInTrash(file)) {
                        removeTree(file);
                    }
                }
            }
            if (directory.equals(home())) {
                Files.deleteIfExists(home().resolve(TrashRecord.FILE));
            }
            removeIfEmpty(directory);
            if (Files.isDirectory(directory)) {
                left.add(directory);
            }
        }
        if (link != null) {
            Files.deleteIfExists(link);
        }
        return left;
    }

    private static List<Path> list(Path directory) throws IOException {
        if (!Files.isDirectory(directory, LinkOption.NOFOLLOW_LINKS)) {
            return List.of();
        }
        try (Stream<Path> found = Files.list(directory)) {
            return found.toList();
        }
    }

    /** The state of a TPM is a directory of files; links in it are removed, not followed. */
    private static void removeTree(Path file) throws IOException {
        for (Path inside : list(file)) {
            removeTree(inside);
        }
        Files.deleteIfExists(file);
    }

    /** The areas around it too, where this was their last entry. */
    private static void removeIfEmpty(Path entry) throws IOException {
        Path at = entry;
        while (at != null && (at.equals(entry) || TrashArea.isWithin(at))) {
            try {
                Files.deleteIfExists(at);
            } catch (DirectoryNotEmptyException e) {
                return;
            }
            at = at.getParent();
        }
    }
}
