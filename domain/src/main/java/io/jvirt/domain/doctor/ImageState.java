// SPDX-License-Identifier: Apache-2.0
package io.jvirt.domain.doctor;

import org.jspecify.annotations.Nullable;

/**
 * What an image's own metadata says.
 *
 * @param isDirty it was not closed properly, its refcounts may be stale
 * @param corruptions wrong entries; those that the image itself knows of count as one
 * @param leakedClusters that take space for nothing; 0 where nobody counted
 * @param clusterBytes the size of each
 * @param failure why it could not be read, or null
 */
record ImageState(
        boolean isDirty,
        long corruptions,
        long leakedClusters,
        long clusterBytes,
        @Nullable String failure) {
    static final ImageState SOUND = new ImageState(false, 0, 0, 0, null);
}
