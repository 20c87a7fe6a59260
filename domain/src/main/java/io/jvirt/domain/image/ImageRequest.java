// SPDX-License-Identifier: Apache-2.0
package io.jvirt.domain.image;

import io.jvirt.domain.JvirtException;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * An image as the user names it.
 *
 * @param location a file, or a URL of http, https or file
 * @param checksum {@code sha256:HEX}; {@code none} for no comparison at all; null where none was given
 * @param checksumList the file or URL of a list such as SHA256SUMS; null where none was given
 */
public record ImageRequest(
        String location,
        @Nullable String checksum,
        @Nullable String checksumList) {
    static final String NONE = "none";

    public ImageRequest {
        if (checksum != null && checksumList != null) {
            throw JvirtException.usage("--checksum and --checksum-file do not go together", "leave one of them out");
        }
        if (checksum != null && !checksum.equals(NONE)) {
            Checksum.parse(checksum);
        }
    }

    /** Whether a location is a URL and no file of this machine. */
    public static boolean isUrl(String location) {
        return location.matches("[A-Za-z][A-Za-z0-9+.-]*://.*")
                || location.toLowerCase(Locale.ROOT).startsWith("file:/");
    }

    boolean refusesChecks() {
        return NONE.equals(checksum);
    }
}
