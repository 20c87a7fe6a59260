// SPDX-License-Identifier: Apache-2.0
package io.jvirt.storage.copy;

/**
 * Progress in terms of the data that a copy reads, told in the order of the disk, piece by piece: so that it is the same for
 * any number of threads.
 */
final class DataProgress {
    private final CopyProgress progress;
    private final long pieceBytes;
    private long expectedBytes;
    private long placedBytes;
    private long pieceStart = -1;
    private long end = -1;

    DataProgress(CopyProgress progress, long pieceBytes) {
        this.progress = progress;
        this.pieceBytes = pieceBytes;
    }

    void expect(long bytes) {
        expectedBytes += bytes;
    }

    /** A run has its place; called for one run after the other. */
    void placed(Run run) {
        if (run.zero()) {
            return;
        }
        for (long at = run.guestOffset(); at < run.endOffset(); at = end) {
            if (at != end || end - pieceStart >= pieceBytes) {
                tell();
                pieceStart = at;
            }
            end = Math.min(run.endOffset(), pieceStart + pieceBytes);
            placedBytes += end - at;
        }
    }

    void finish() {
        tell();
    }

    private void tell() {
        if (placedBytes > 0) {
            progress.done(Math.min(placedBytes, expectedBytes), expectedBytes);
        }
    }
}
