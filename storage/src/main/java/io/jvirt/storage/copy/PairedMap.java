// SPDX-License-Identifier: Apache-2.0
package io.jvirt.storage.copy;

import io.jvirt.storage.DiskImage;
import io.jvirt.storage.Extent;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;

/** Walks the extents of two images side by side, in windows, so that memory does not depend on their number. */
final class PairedMap {
    private static final long MIN_WINDOW_BYTES = 16L << 20;
    private static final long MAX_WINDOW_BYTES = 256L << 30;
    private static final int FEW_EXTENTS = 256;
    private static final int MANY_EXTENTS = 16384;

    /** Takes a range in which neither image changes its kind; answers whether to go on. */
    @FunctionalInterface
    interface Visitor {
        boolean visit(long guestOffset, long lengthBytes, Extent first, Extent second) throws IOException;
    }

    private PairedMap() {}

    /** Visits the ranges from 0 to {@code endOffset}, which both images have. */
    static void walk(DiskImage first, DiskImage second, long endOffset, Visitor visitor) throws IOException {
        long window = MIN_WINDOW_BYTES;
        long at = 0;
        while (at < endOffset) {
            long length = Math.min(window, endOffset - at);
            List<Extent> left = extents(first, true, at, length);
            List<Extent> right = extents(second, false, at, length);
            if (!merge(left, right, at, at + length, visitor)) {
                return;
            }
            at += length;
            int seen = Math.max(left.size(), right.size());
            if (seen == 1 && window < Long.MAX_VALUE / 64) {
                // Nothing but emptiness, of which a disk may have exabytes.
                window *= 64;
            } else if (seen < FEW_EXTENTS) {
                window = Math.min(MAX_WINDOW_BYTES, window * 4);
            } else if (seen > MANY_EXTENTS) {
                window = Math.max(MIN_WINDOW_BYTES, window / 4);
            }
        }
    }

    private static List<Extent> extents(DiskImage image, boolean first, long from, long length) throws IOException {
        List<Extent> extents = new ArrayList<>();
        try {
            image.map(from, length, extents::add);
        } catch (IOException e) {
            throw new MapFailure(first, e);
        }
        return extents;
    }

    private static boolean merge(List<Extent> left, List<Extent> right, long from, long to, Visitor visitor)
            throws IOException {
        int i = 0;
        int j = 0;
        long at = from;
        while (at < to) {
            Extent a = left.get(i);
            Extent b = right.get(j);
            long end = Math.min(a.endOffset(), b.endOffset());
            if (!visitor.visit(at, end - at, a, b)) {
                return false;
            }
            at = end;
            i += a.endOffset() == end ? 1 : 0;
            j += b.endOffset() == end ? 1 : 0;
        }
        return true;
    }
}
