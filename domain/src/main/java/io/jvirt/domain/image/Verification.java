// SPDX-License-Identifier: Apache-2.0
package io.jvirt.domain.image;

import io.jvirt.domain.JvirtException;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What an image is to be compared with: the checksum that the user gave, the line of a list that the user named, or that of a
 * list beside the image. A list of the image's own server proves that the image came whole; only one that the user has from
 * elsewhere proves more.
 */
final class Verification {
    private static final List<String> LISTS_BESIDE = List.of("SHA256SUMS", "SHA512SUMS", "CHECKSUM", "sha256sum.txt");
    private static final List<String> ENDINGS_BESIDE = List.of(".CHECKSUM", ".sha256", ".sha512", ".SHA256SUM");

    private final ImageRequest request;
    private final String name;

    Verification(ImageRequest request, String name) {
        this.request = request;
        this.name = name;
    }

    /**
     * A checksum and where it is from.
     *
     * @param sum null for no comparison
     * @param from for people
     */
    record Wanted(@Nullable Checksum sum, String from) {}

    @Nullable
    String list() {
        return request.checksumList();
    }

    /** From {@code --checksum} or {@code --checksum-file}; null where neither was given. */
    @Nullable
    Wanted asked(@Nullable HttpSource http) throws IOException {
        String given = request.checksum();
        if (request.refusesChecks()) {
            return new Wanted(null, "--checksum none");
        }
        if (given != null) {
            return new Wanted(Checksum.parse(given), "--checksum");
        }
        String list = request.checksumList();
        if (list == null) {
            return null;
        }
        String text = ImageRequest.isUrl(list) && !list.startsWith("file:") ? fetched(http, list) : read(list);
        Checksum sum = ChecksumList.parse(text).of(name);
        if (sum == null) {
            throw JvirtException.refused(
                    list + " has no SHA-256 or SHA-512 checksum for " + name,
                    "is it the list for this image? else give the checksum itself: --checksum sha256:HEX");
        }
        return new Wanted(sum, list);
    }

    private static String fetched(@Nullable HttpSource http, String list) throws IOException {
        if (http == null) {
            throw new IllegalArgumentException("no web for " + list);
        }
        String text = http.text(ImageUrl.parse(list));
        if (text == null) {
            throw JvirtException.notFound("there is no list of checksums at " + list, "check the URL in a browser");
        }
        return text;
    }

    private static String read(String list) throws IOException {
        Path file = list.startsWith("file:") ? ImageUrl.file(list) : Path.of(list);
        if (!Files.isRegularFile(file)) {
            throw JvirtException.notFound("the list of checksums " + file + " is no file", "check the path");
        }
        if (Files.size(file) > 4 << 20) {
            throw JvirtException.failed(file + " is too large to be a list of checksums", "is it the right file?");
        }
        return Files.readString(file, java.nio.charset.StandardCharsets.ISO_8859_1);
    }

    /** From a list beside the image; without a sum where there is none, or it does not name the image. */
    Wanted beside(HttpSource http, URI image) {
        for (String list : LISTS_BESIDE) {
            Wanted found = in(http, image.resolve(list));
            if (found != null) {
                return found;
            }
        }
        for (String ending : ENDINGS_BESIDE) {
            Wanted found = in(http, image.resolve(image.getRawPath() + ending));
            if (found != null) {
                return found;
            }
        }
        return new Wanted(null, "no list of checksums lies beside it");
    }

    private @Nullable Wanted in(HttpSource http, URI list) {
        try {
            String text = http.text(list);
            Checksum sum = text == null ? null : ChecksumList.parse(text).of(name);
            return sum == null ? null : new Wanted(sum, list.toString());
        } catch (IOException | JvirtException e) {
            http.cancellation().check();
            return null;
        }
    }
}
