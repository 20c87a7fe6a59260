// SPDX-License-Identifier: Apache-2.0
package io.jvirt.domain.reference;

import io.jvirt.domain.libvirt.Bounded;
import io.jvirt.domain.reference.ImageLink.Kind;
import io.jvirt.storage.ImageReferences;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The headers of this machine's images, each read once. A directory on storage that does not answer costs its limit once;
 * its images then count as unreadable.
 */
final class ImageHeaders {
    /** A chain that is longer is a cycle. */
    static final int MAX_CHAIN = 200;

    private static final Duration DIRECTORY_LIMIT = Duration.ofSeconds(5);
    private static final int TYPE_MASK = 0xf000;
    private static final int BLOCK_DEVICE = 0x6000;

    private final Map<String, List<ImageLink>> linksOfImage = new HashMap<>();
    private final Map<Path, Boolean> answering = new HashMap<>();
    private final List<BlindSpot> blindSpots;

    ImageHeaders(List<BlindSpot> blindSpots) {
        this.blindSpots = blindSpots;
    }

    /** The links of an image and of all images below it; each image is told of once, the top one first. */
    List<ImageLink> chain(String image) {
        List<ImageLink> chain = new ArrayList<>();
        List<String> seen = new ArrayList<>();
        String at = image;
        while (at != null && seen.size() < MAX_CHAIN && !seen.contains(at)) {
            seen.add(at);
            String next = null;
            for (ImageLink link : links(at, at)) {
                chain.add(link);
                // What is said to be raw holds a guest's bytes, whatever they look like.
                if (link.kind() == Kind.BACKING && !"raw".equals(link.format())) {
                    next = link.file();
                }
            }
            at = next;
        }
        return chain;
    }

    /**
     * What an image's own header names.
     *
     * @param origin where the image was before it was moved: names are relative to that
     */
    List<ImageLink> links(String image, String origin) {
        List<ImageLink> known = linksOfImage.get(image);
        if (known == null) {
            known = read(image, origin);
            linksOfImage.put(image, known);
        }
        return known;
    }

    private List<ImageLink> read(String image, String origin) {
        List<ImageLink> links = new ArrayList<>();
        try {
            Path file = Path.of(image);
            if (!answers(file) || !Files.exists(file) || Files.isDirectory(file)) {
                return links;
            }
            ImageReferences named = ImageReferences.read(file, Path.of(origin));
            if (named.dataFile() != null) {
                links.add(new ImageLink(image, Kind.DATA, named.dataFile().toString(), "raw"));
            }
            if (named.backingFile() != null) {
                links.add(new ImageLink(image, Kind.BACKING, named.backingFile().toString(), named.backingFormat()));
            }
        } catch (IOException | InvalidPathException e) {
            // A damaged image is in no state to use another; a remote backing file is none of this machine's.
            blindSpots.add(new BlindSpot(image, String.valueOf(e.getMessage()), true));
        }
        return links;
    }

    /** Whether the file system of a file answers at all. */
    boolean answers(Path file) {
        Path directory = file.toAbsolutePath().normalize().getParent();
        if (directory == null) {
            return true;
        }
        Boolean known = answering.get(directory);
        if (known == null) {
            known = Bounded.call(
                            "look at " + directory, DIRECTORY_LIMIT, () -> Files.isDirectory(directory), late -> {})
                    != null;
            if (!known) {
                blindSpots.add(new BlindSpot(
                        directory.toString(),
                        "its storage does not answer within " + DIRECTORY_LIMIT.toSeconds() + " s"));
            }
            answering.put(directory, known);
        }
        return known;
    }

    /** The same for all names of a file: links resolved, hard links and device nodes of one device alike. */
    String identity(String path) {
        try {
            Path file = Path.of(path);
            if (answers(file) && Files.exists(file)) {
                @Nullable String known = identityOf(file);
                return known == null ? file.toRealPath().toString() : known;
            }
            return file.toAbsolutePath().normalize().toString();
        } catch (IOException | InvalidPathException e) {
            return path;
        }
    }

    private static @Nullable String identityOf(Path file) throws IOException {
        Map<String, Object> attributes = Files.readAttributes(file, "unix:mode,dev,ino,rdev");
        int type = (Integer) attributes.getOrDefault("mode", 0) & TYPE_MASK;
        return type == BLOCK_DEVICE
                ? "device " + attributes.get("rdev")
                : "inode " + attributes.get("ino") + " on " + attributes.get("dev");
    }
}
