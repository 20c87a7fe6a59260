// SPDX-License-Identifier: Apache-2.0
package io.jvirt.storage.copy;

import java.io.IOException;
import org.jspecify.annotations.Nullable;

/**
 * How a copy is done.
 *
 * @param threads at least 1; the result does not depend on it
 * @param sparseBytes shorter runs of zeros between data are stored; 0 stores all zeros
 * @param bytesPerSecond at most so much is written, 0 for no limit
 * @param targetReadsAsZeros what is not written reads as zeros in the target
 * @param overBacking leave out what the source takes from its own backing file
 * @param backingSizeBytes size of the target's backing file, or {@code Long.MAX_VALUE} when it is not known
 * @param compress clusters are compressed
 * @param unreadable where given, sectors that cannot be read become zeros and are told here
 * @param share what the source stores uncompressed on a file system that can share blocks is shared and not read, zeros
 *     among it included
 * @param progress hears how far the copy is
 */
public record CopySettings(
        int threads,
        long sparseBytes,
        long bytesPerSecond,
        boolean targetReadsAsZeros,
        boolean overBacking,
        long backingSizeBytes,
        boolean compress,
        @Nullable UnreadableSectors unreadable,
        boolean share,
        CopyProgress progress) {

    /** The same without sharing. */
    public CopySettings(
            int threads,
            long sparseBytes,
            long bytesPerSecond,
            boolean targetReadsAsZeros,
            boolean overBacking,
            long backingSizeBytes,
            boolean compress,
            @Nullable UnreadableSectors unreadable,
            CopyProgress progress) {
        this(
                threads,
                sparseBytes,
                bytesPerSecond,
                targetReadsAsZeros,
                overBacking,
                backingSizeBytes,
                compress,
                unreadable,
                false,
                progress);
    }

    /** Hears of sectors that could not be read. */
    @FunctionalInterface
    public interface UnreadableSectors {
        void replacedByZeros(long guestOffset, IOException cause);
    }

    /** A copy into a new image, with a thread for each processor. */
    public static CopySettings standard() {
        return new CopySettings(
                Workers.standardThreads(), 4096, 0, true, false, Long.MAX_VALUE, false, null, CopyProgress.NONE);
    }
}
