// SPDX-License-Identifier: Apache-2.0
package io.jvirt.domain.image;

import com.fasterxml.jackson.annotation.JsonIgnoreProperties;
import java.net.http.HttpResponse;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What a server says of a file, by which a later request tells whether it still is the same.
 *
 * @param etag null where it says none
 * @param lastModified as the header has it; null where it says none
 * @param totalBytes -1 where it does not say
 */
@JsonIgnoreProperties(ignoreUnknown = true)
record Validators(@Nullable String etag, @Nullable String lastModified, long totalBytes) {
    static Validators of(HttpResponse<?> response) {
        return new Validators(
                response.headers().firstValue("ETag").orElse(null),
                response.headers().firstValue("Last-Modified").orElse(null),
                response.headers().firstValueAsLong("Content-Length").orElse(-1));
    }

    Validators withTotal(long bytes) {
        return new Validators(etag, lastModified, bytes);
    }

    /** What If-Range takes (RFC 9110, 13.1.5): a strong ETag, else the date; null where there is neither. */
    @Nullable
    String ifRange() {
        if (etag != null) {
            return etag.startsWith("W/") ? null : etag;
        }
        return lastModified;
    }

    /** For a request that asks whether the file has changed; empty where nothing can tell. */
    Map<String, String> conditions() {
        Map<String, String> headers = new LinkedHashMap<>();
        if (etag != null) {
            headers.put("If-None-Match", etag);
        } else if (lastModified != null) {
            headers.put("If-Modified-Since", lastModified);
        }
        return headers;
    }

    boolean isSameAs(Validators other) {
        if (totalBytes >= 0 && other.totalBytes >= 0 && totalBytes != other.totalBytes) {
            return false;
        }
        if (etag != null && other.etag != null) {
            return plain(etag).equals(plain(other.etag));
        }
        return lastModified != null && lastModified.equals(other.lastModified);
    }

    private static String plain(String etag) {
        return etag.startsWith("W/") ? etag.substring(2) : etag;
    }
}
