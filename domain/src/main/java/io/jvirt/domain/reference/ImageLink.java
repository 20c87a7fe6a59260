// SPDX-License-Identifier: Apache-2.0
package io.jvirt.domain.reference;

import org.jspecify.annotations.Nullable;

/**
 * An image that names another file.
 *
 * @param image the image that names it
 * @param kind what the file is to it
 * @param file the file, as the image means it; it need not exist
 * @param format the format that the image says the file has, or null
 */
public record ImageLink(
        String image, Kind kind, String file, @Nullable String format) {
    /** What the named file is. */
    public enum Kind {
        /** The image below it in the backing chain. */
        BACKING,
        /** Where its guest data lies. */
        DATA
    }
}
