// SPDX-License-Identifier: Apache-2.0
package io.jvirt.domain.image;

import org.jspecify.annotations.Nullable;

/**
 * What the cache has of one URL.
 *
 * @param id a name for {@code image rm}
 * @param url where it comes from
 * @param path null where it is not whole yet
 * @param bytes that it takes
 * @param fetchedAt ISO 8601; null where it is not whole
 * @param sha256 of the file at its source; null where it is not whole
 * @param checkedAgainst what its checksum was compared with; null for nothing
 */
public record CachedImage(
        String id,
        @Nullable String url,
        @Nullable String path,
        long bytes,
        @Nullable String fetchedAt,
        @Nullable String sha256,
        @Nullable String checkedAgainst) {}
