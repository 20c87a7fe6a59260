// SPDX-License-Identifier: Apache-2.0
package io.jvirt.domain.create;

import io.jvirt.domain.JvirtException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;

/** Whether a file can be made where a new disk is to be. */
public final class NewFile {
    private NewFile() {}

    /** The directory that the file goes to, which is there and can be written; REFUSED where the file is there. */
    public static Path checkedDirectory(Path path, String hintWhereTaken) {
        if (Files.isDirectory(path)) {
            throw JvirtException.usage(path + " is a directory", "name a file in it");
        }
        if (Files.exists(path, LinkOption.NOFOLLOW_LINKS)) {
            throw JvirtException.refused(path + " exists already and is not touched", hintWhereTaken);
        }
        Path directory = path.getParent();
        Path there = directory;
        while (there != null && !Files.exists(there)) {
            there = there.getParent();
        }
        if (there != null && !Files.isDirectory(there)) {
            throw JvirtException.failed(there + " is a file and no directory", "choose another place for " + path);
        }
        if (directory == null || !Files.isDirectory(directory)) {
            throw JvirtException.notFound("the directory " + directory + " does not exist", "mkdir -p " + directory);
        }
        if (!Files.isWritable(directory)) {
            throw JvirtException.failed(
                    "cannot create " + path + ": permission denied in " + directory,
                    "run it as root, or choose a directory of your own with --dir");
        }
        return directory;
    }
}
