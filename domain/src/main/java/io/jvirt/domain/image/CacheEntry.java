// SPDX-License-Identifier: Apache-2.0
package io.jvirt.domain.image;

import com.fasterxml.jackson.annotation.JsonIgnoreProperties;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.jvirt.domain.JvirtException;
import io.jvirt.domain.SizeText;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.HexFormat;
import java.util.Map;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** The directory of one URL in the cache: the image under its own name, what is known of it, and a part on its way. */
final class CacheEntry {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final int ID_DIGITS = 16;

    private final Path directory;
    private final String name;

    private CacheEntry(Path directory, String name) {
        this.directory = directory;
        this.name = name;
    }

    /**
     * What is known of an image that is whole.
     *
     * @param url where it comes from
     * @param name the file's name at its source
     * @param file the image's name in this directory
     * @param fetchedAt ISO 8601, UTC
     * @param source what the server said
     * @param digests of the file at the source by algorithm
     * @param checkedAgainst the list, or {@code --checksum}; null where it was compared with nothing
     * @param storedBytes the image's size here: unpacked, where it was packed
     * @param storedMillis its time of change
     */
    @JsonIgnoreProperties(ignoreUnknown = true)
    record Info(
            String url,
            String name,
            String file,
            String fetchedAt,
            Validators source,
            Map<String, String> digests,
            @Nullable String checkedAgainst,
            long storedBytes,
            long storedMillis) {

        /** The image is the file of the source byte by byte. */
        boolean isPlain() {
            return name.equals(file);
        }
    }

    static CacheEntry of(Path images, String url, String name) {
        byte[] hash = Checksum.digest("sha256").digest(url.getBytes(StandardCharsets.UTF_8));
        return new CacheEntry(images.resolve(HexFormat.of().formatHex(hash).substring(0, ID_DIGITS)), name);
    }

    /** A directory of the cache. */
    static CacheEntry at(Path directory) throws IOException {
        CacheEntry entry = new CacheEntry(directory, String.valueOf(directory.getFileName()));
        Info info = entry.read();
        return info == null ? entry : new CacheEntry(directory, info.name());
    }

    String id() {
        return String.valueOf(directory.getFileName());
    }

    /** The file's name at its source. */
    String name() {
        return name;
    }

    Path directory() {
        return directory;
    }

    Path part() {
        return directory.resolve("part");
    }

    Path unpacked() {
        return directory.resolve("unpacked");
    }

    private Path partInfo() {
        return directory.resolve("part.json");
    }

    private Path infoFile() {
        return directory.resolve("info.json");
    }

    Path image(Info info) {
        return directory.resolve(info.file());
    }

    /** What is known of the image; null where there is none, or it is not the one that was written. */
    @Nullable
    Info info() throws IOException {
        Info info = read();
        if (info == null || !Files.isRegularFile(image(info))) {
            return null;
        }
        Path image = image(info);
        boolean asWritten = Files.size(image) == info.storedBytes()
                && Files.getLastModifiedTime(image).toMillis() == info.storedMillis();
        return asWritten ? info : null;
    }

    private @Nullable Info read() throws IOException {
        try {
            return Files.exists(infoFile()) ? JSON.readValue(infoFile().toFile(), Info.class) : null;
        } catch (JsonProcessingException e) {
            return null;
        }
    }

    @Nullable
    Validators partValidators() throws IOException {
        try {
            return Files.exists(partInfo()) ? JSON.readValue(partInfo().toFile(), Validators.class) : null;
        } catch (JsonProcessingException e) {
            return null;
        }
    }

    /** Where a part comes from; null where there is none. */
    @Nullable
    String url() throws IOException {
        Path file = directory.resolve("url");
        return Files.exists(file) ? Files.readString(file) : null;
    }

    void writeUrl(String url) throws IOException {
        write(directory.resolve("url"), url.getBytes(StandardCharsets.UTF_8));
    }

    void writePartValidators(Validators validators) throws IOException {
        write(partInfo(), JSON.writeValueAsBytes(validators));
    }

    void removePart() throws IOException {
        Files.deleteIfExists(part());
        Files.deleteIfExists(partInfo());
        Files.deleteIfExists(unpacked());
    }

    /** Gives a whole, synced file its name; what was there before goes. */
    void install(Path whole, Info info) throws IOException {
        Info before = read();
        Files.deleteIfExists(infoFile());
        if (before != null && !before.file().equals(info.file())) {
            Files.deleteIfExists(image(before));
        }
        Files.move(whole, image(info), StandardCopyOption.REPLACE_EXISTING, StandardCopyOption.ATOMIC_MOVE);
        Info stored = new Info(
                info.url(),
                info.name(),
                info.file(),
                info.fetchedAt(),
                info.source(),
                info.digests(),
                info.checkedAgainst(),
                Files.size(image(info)),
                Files.getLastModifiedTime(image(info)).toMillis());
        write(infoFile(), JSON.writeValueAsBytes(stored));
        removePart();
    }

    private void write(Path file, byte[] bytes) throws IOException {
        Path fresh = file.resolveSibling(file.getFileName() + ".new");
        try (FileChannel out = FileChannel.open(
                fresh, StandardOpenOption.CREATE, StandardOpenOption.WRITE, StandardOpenOption.TRUNCATE_EXISTING)) {
            out.write(ByteBuffer.wrap(bytes));
            out.force(true);
        }
        Files.move(fresh, file, StandardCopyOption.REPLACE_EXISTING, StandardCopyOption.ATOMIC_MOVE);
        try (FileChannel parent = FileChannel.open(directory, StandardOpenOption.READ)) {
            parent.force(true);
        }
    }

    long bytes() throws IOException {
        long sum = 0;
        try (Stream<Path> files = Files.list(directory)) {
            for (Path file : files.toList()) {
                sum += Files.size(file);
            }
        }
        return sum;
    }

    void checkSpace(long bytes, String what) {
        long free = directory.toFile().getUsableSpace();
        if (bytes > free) {
            throw JvirtException.failed(
                    "no space for " + what + " in " + directory + ": " + SizeText.of(bytes) + " needed, "
                            + SizeText.of(free) + " free",
                    "make room there: jvirt image prune, or name another place with JVIRT_CACHE");
        }
    }

    /** Removes all of it; the caller has its lock. */
    void remove() throws IOException {
        try (Stream<Path> files = Files.list(directory)) {
            for (Path file : files.toList()) {
                Files.delete(file);
            }
        }
        Files.delete(directory);
    }
}
