// SPDX-License-Identifier: Apache-2.0
package io.jvirt.storage;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * Decides which files an image may make the engine open: an image that came from elsewhere could name any file of the
 * host as its backing or data file and so hand it to the guest.
 */
public final class OpenPolicy {
    /** What an image names a file for. */
    public enum Role {
        BACKING_FILE("backing file"),
        DATA_FILE("data file");

        private final String text;

        Role(String text) {
            this.text = text;
        }

        @Override
        public String toString() {
            return text;
        }
    }

    private final boolean own;
    private final boolean everything;
    private final List<Path> directories;

    private OpenPolicy(boolean own, boolean everything, List<Path> directories) {
        this.own = own;
        this.everything = everything;
        this.directories = directories;
    }

    /** The directory of the image that names the file, and those below it. */
    public static OpenPolicy ownDirectory() {
        return new OpenPolicy(true, false, List.of());
    }

    /** Nothing at all: for images from elsewhere. */
    public static OpenPolicy nothing() {
        return new OpenPolicy(false, false, List.of());
    }

    /** Whatever the user could open: for names that the user gave or images that the user vouches for. */
    public static OpenPolicy everything() {
        return new OpenPolicy(true, true, List.of());
    }

    /** The same, and these directories and what is below them (or files named singly). */
    public OpenPolicy alsoWithin(List<Path> more) {
        List<Path> all = new ArrayList<>(directories);
        all.addAll(more);
        return new OpenPolicy(own, everything, List.copyOf(all));
    }

    /**
     * Checks a file that an image names. Links are followed first, so that none leads out of what is allowed.
     *
     * @param image the file that names the other
     * @param named the file that is named, resolved against the image's directory
     * @throws RefusedException where the policy does not allow it
     */
    public void check(Path image, Path named, Role role) throws IOException {
        if (everything || !Files.exists(named)) {
            return;
        }
        Path real = named.toRealPath();
        // An image behind a network address has no directory.
        Path parent = Files.exists(image) ? image.toRealPath().getParent() : null;
        if (own && parent != null && real.startsWith(parent)) {
            return;
        }
        for (Path directory : directories) {
            if (Files.exists(directory) && real.startsWith(directory.toRealPath())) {
                return;
            }
        }
        throw new RefusedException(
                "'" + image + "' names '" + named + "' as its " + role + ", which is outside what may be opened for it",
                "allow the directory " + real.getParent() + " if you trust the image");
    }
}
