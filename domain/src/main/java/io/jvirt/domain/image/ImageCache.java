// SPDX-License-Identifier: Apache-2.0
package io.jvirt.domain.image;

import io.jvirt.domain.JvirtException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** The images that were fetched once: which they are, and away with them. Machines hold copies, so any may go at any time. */
public final class ImageCache {
    /** Overrides the directory. */
    public static final String VARIABLE = "JVIRT_CACHE";

    private final Path images;

    public ImageCache(Path cacheDirectory) {
        this.images = cacheDirectory.resolve("images");
    }

    /** {@code $JVIRT_CACHE}, else {@code /var/cache/jvirt} for root and {@code $XDG_CACHE_HOME/jvirt} for others. */
    public static Path directory(Map<String, String> environment) {
        String named = environment.get(VARIABLE);
        if (named != null && !named.isBlank()) {
            return Path.of(named).toAbsolutePath();
        }
        if (System.getProperty("user.name", "").equals("root")) {
            return Path.of("/var/cache/jvirt");
        }
        String xdg = environment.get("XDG_CACHE_HOME");
        Path base = xdg != null && xdg.startsWith("/")
                ? Path.of(xdg)
                : Path.of(System.getProperty("user.home", "/"), ".cache");
        return base.resolve("jvirt");
    }

    CacheEntry entry(String url, String name) {
        return CacheEntry.of(images, url, name);
    }

    /** All of them, those of which only a part is here too. */
    public List<CachedImage> list() throws IOException {
        List<CachedImage> found = new ArrayList<>();
        for (Path directory : directories()) {
            found.add(describe(directory));
        }
        return found;
    }

    private List<Path> directories() throws IOException {
        if (!Files.isDirectory(images)) {
            return List.of();
        }
        try (Stream<Path> all = Files.list(images)) {
            return all.filter(d -> Files.isDirectory(d) && !d.endsWith(CacheLock.DIRECTORY))
                    .sorted()
                    .toList();
        }
    }

    private static CachedImage describe(Path directory) throws IOException {
        CacheEntry entry = CacheEntry.at(directory);
        CacheEntry.Info info = entry.info();
        if (info == null) {
            return new CachedImage(entry.id(), entry.url(), null, entry.bytes(), null, null, null);
        }
        return new CachedImage(
                entry.id(),
                info.url(),
                entry.image(info).toString(),
                entry.bytes(),
                info.fetchedAt(),
                info.digests().get("sha256"),
                info.checkedAgainst());
    }

    /** Removes one, named by its URL, id or path. */
    public CachedImage remove(String named) throws IOException {
        for (Path directory : directories()) {
            CachedImage image = describe(directory);
            if (named.equals(image.id()) || named.equals(image.url()) || named.equals(image.path())) {
                remove(directory);
                return image;
            }
        }
        throw JvirtException.notFound("the cache has no image '" + named + "'", "jvirt image list");
    }

    /** Removes those that were fetched longer ago than that; null for all. One that is being fetched stays. */
    public List<CachedImage> prune(@Nullable Duration age) throws IOException {
        List<CachedImage> removed = new ArrayList<>();
        for (Path directory : directories()) {
            CachedImage image = describe(directory);
            Instant since = Files.getLastModifiedTime(directory).toInstant();
            if (age != null && since.isAfter(Instant.now().minus(age))) {
                continue;
            }
            try {
                remove(directory);
                removed.add(image);
            } catch (JvirtException e) {
                if (e.kind() != JvirtException.Kind.REFUSED) {
                    throw e;
                }
            }
        }
        return removed;
    }

    @SuppressWarnings("try")
    private static void remove(Path directory) throws IOException {
        CacheEntry entry = CacheEntry.at(directory);
        try (CacheLock lock = CacheLock.take(entry)) {
            entry.remove();
        }
    }
}
