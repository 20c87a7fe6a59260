// SPDX-License-Identifier: Apache-2.0
package io.jvirt.storage.qcow2.check;

import org.jspecify.annotations.Nullable;

/**
 * What a check found and did, in the terms of qemu-img's JSON.
 *
 * @param checkErrors findings that could not be checked
 * @param corruptions findings that are wrong and still there
 * @param leaks clusters that take space for nothing and still do
 * @param corruptionsFixed corruptions that were repaired
 * @param leaksFixed leaks that were repaired
 * @param imageEndOffset end of the last cluster in use
 * @param totalClusters guest clusters of the virtual size
 * @param allocatedClusters guest clusters with data
 * @param fragmentedClusters guest clusters that do not follow their predecessor
 * @param compressedClusters guest clusters that are compressed
 * @param failure why the check ended early, in the words of strerror(3), or null
 */
public record CheckResult(
        long checkErrors,
        long corruptions,
        long leaks,
        long corruptionsFixed,
        long leaksFixed,
        long imageEndOffset,
        long totalClusters,
        long allocatedClusters,
        long fragmentedClusters,
        long compressedClusters,
        @Nullable String failure) {
    public boolean isClean() {
        return failure == null && checkErrors == 0 && corruptions == 0 && leaks == 0;
    }
}
