// SPDX-License-Identifier: Apache-2.0
package io.jvirt.domain.reference;

import io.jvirt.domain.trash.TrashArea;
import org.jspecify.annotations.Nullable;

/**
 * A use of a file.
 *
 * @param domain the domain, or null where it is an image that names the file
 * @param image the image that names it; null where the domain uses the file itself
 * @param snapshot the domain's snapshot that needs it, where the domain itself does not; else null
 */
public record Use(
        @Nullable String domain,
        @Nullable String image,
        @Nullable String snapshot) {
    public Use(@Nullable String domain, @Nullable String image) {
        this(domain, image, null);
    }

    /** An image that waits in the trash names it: the file is needed only if that machine comes back. */
    public boolean isTrashed() {
        return domain == null && image != null && TrashArea.contains(image);
    }

    @Override
    public String toString() {
        if (domain == null) {
            return "image " + image;
        }
        String user = (snapshot == null ? "" : "snapshot '" + snapshot + "' of ") + "domain '" + domain + "'";
        return image == null ? user : user + " below " + image;
    }
}
