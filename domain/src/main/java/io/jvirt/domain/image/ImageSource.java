// SPDX-License-Identifier: Apache-2.0
package io.jvirt.domain.image;

import io.jvirt.domain.Cancellation;
import io.jvirt.domain.JvirtException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Gives a file of this machine for an image that the user named: as it lies there, or from the cache, fetched where need be. */
public final class ImageSource {
    private final ImageCache cache;
    private final Map<String, String> environment;
    private final ImageListener listener;
    private final Cancellation cancellation;
    private final Patience patience;

    public ImageSource(Map<String, String> environment, ImageListener listener, Cancellation cancellation) {
        this(new ImageCache(ImageCache.directory(environment)), environment, listener, cancellation, Patience.STANDARD);
    }

    ImageSource(
            ImageCache cache,
            Map<String, String> environment,
            ImageListener listener,
            Cancellation cancellation,
            Patience patience) {
        this.cache = cache;
        this.environment = environment;
        this.listener = listener;
        this.cancellation = cancellation;
        this.patience = patience;
    }

    /** Whether the image is used as it lies there, with nothing to fetch, unpack or compare. */
    public static boolean isPlainFile(ImageRequest request) throws IOException {
        if (request.checksum() != null || request.checksumList() != null || ImageRequest.isUrl(request.location())) {
            return false;
        }
        Path file = Path.of(request.location());
        return !Files.isRegularFile(file) || !Files.isReadable(file) || Packed.of(file) == null;
    }

    /** The image, whole and compared with what there is to compare it with. */
    public ImageFile get(ImageRequest request) throws IOException {
        String location = request.location();
        if (ImageRequest.isUrl(location)
                && !ImageUrl.parse(location).getScheme().equalsIgnoreCase("file")) {
            HttpSource http = new HttpSource(environment, patience, cancellation);
            return new RemoteImage(cache, http, request, listener).get();
        }
        return local(request, ImageRequest.isUrl(location) ? ImageUrl.file(location) : Path.of(location));
    }

    private ImageFile local(ImageRequest request, Path named) throws IOException {
        Path file = named.toAbsolutePath().normalize();
        if (Files.isDirectory(file)) {
            throw JvirtException.usage("the image " + file + " is a directory", "name a file in it");
        }
        if (!Files.isRegularFile(file)) {
            throw JvirtException.notFound("the image " + file + " does not exist", "check the path");
        }
        String name = String.valueOf(file.getFileName());
        HttpSource http = request.checksumList() != null && ImageRequest.isUrl(request.checksumList())
                ? new HttpSource(environment, patience, cancellation)
                : null;
        Verification.Wanted wanted = new Verification(request, name).asked(http);
        Checksum sum = wanted == null ? null : wanted.sum();
        String verification = "the file is used without a checksum";
        if (wanted != null && sum != null) {
            long bytes = Files.size(file);
            Map<String, String> digests = Checksum.of(
                    file,
                    List.of(sum.algorithm()),
                    done -> listener.progress("compare " + name, done, bytes),
                    cancellation);
            RemoteImage.compare(sum, digests, file.toString(), wanted.from());
            verification = "its " + sum.algorithm() + " checksum is that of " + wanted.from();
        }
        Packed packed = Packed.of(file);
        return new ImageFile(packed == null ? file : unpacked(file, name, packed), verification);
    }

    /** Unpacked once; again where the file has changed. */
    @SuppressWarnings("try")
    private Path unpacked(Path file, String name, Packed packed) throws IOException {
        CacheEntry entry = cache.entry(file.toUri().toString(), name);
        try (CacheLock lock = CacheLock.await(entry, listener, cancellation)) {
            Validators now =
                    new Validators(null, Files.getLastModifiedTime(file).toString(), Files.size(file));
            CacheEntry.@Nullable Info info = entry.info();
            if (info != null && info.source().isSameAs(now)) {
                return entry.image(info);
            }
            entry.removePart();
            entry.writeUrl(file.toUri().toString());
            packed.unpack(file, entry.unpacked(), name, listener, cancellation);
            CacheEntry.Info made =
                    RemoteImage.info(file.toUri().toString(), name, Packed.unpackedName(name), now, Map.of(), null);
            entry.install(entry.unpacked(), made);
            return entry.image(made);
        }
    }
}
