// SPDX-License-Identifier: Apache-2.0
package io.jvirt.domain.transfer;

import io.jvirt.storage.DiskImage;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;

/** Where an image holds data, as its map says; for one thread. */
public final class GuestRuns {
    /** So much of the map is known at a time: extents take memory. */
    private static final long WINDOW_BYTES = 1L << 32;

    private final DiskImage image;
    private final List<long[]> dataRuns = new ArrayList<>();
    private long windowStart;
    private long windowEnd;

    public GuestRuns(DiskImage image) {
        this.image = image;
    }

    /** The image was written to. */
    public void forget() {
        windowEnd = windowStart;
    }

    /** The first offset at or after this one that may hold data; the image's size where there is none. */
    public long nextData(long offset) throws IOException {
        long at = offset;
        while (at < image.sizeBytes()) {
            load(at);
            for (long[] run : dataRuns) {
                if (run[1] > at) {
                    return Math.max(at, run[0]);
                }
            }
            at = windowEnd;
        }
        return image.sizeBytes();
    }

    /** The first offset at or after this one that holds none. */
    public long nextHole(long offset) throws IOException {
        if (offset >= image.sizeBytes()) {
            return image.sizeBytes();
        }
        load(offset);
        for (long[] run : dataRuns) {
            if (run[0] <= offset && offset < run[1]) {
                return run[1];
            }
        }
        return offset;
    }

    private void load(long offset) throws IOException {
        if (offset >= windowStart && offset < windowEnd) {
            return;
        }
        dataRuns.clear();
        windowStart = offset;
        windowEnd = Math.min(image.sizeBytes(), offset + WINDOW_BYTES);
        image.map(windowStart, windowEnd - windowStart, extent -> {
            if (extent.kind().readsAsZero()) {
                return;
            }
            long[] last = dataRuns.isEmpty() ? null : dataRuns.get(dataRuns.size() - 1);
            if (last != null && last[1] == extent.guestOffset()) {
                last[1] = extent.endOffset();
            } else {
                dataRuns.add(new long[] {extent.guestOffset(), extent.endOffset()});
            }
        });
    }
}
