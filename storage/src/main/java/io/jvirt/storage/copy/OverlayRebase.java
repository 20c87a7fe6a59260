// SPDX-License-Identifier: Apache-2.0
package io.jvirt.storage.copy;

import io.jvirt.storage.DiskImage;
import io.jvirt.storage.Extent;
import io.jvirt.storage.file.PageBuffer;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import org.jspecify.annotations.Nullable;

/**
 * Prepares an overlay for another backing file: where the new one reads differently from what the overlay shows of the
 * old one, the old content is written into the overlay. Until the header names the new backing file the overlay reads as
 * before, so an interruption does no harm.
 */
public final class OverlayRebase {
    /** What becomes of zeros of the old backing file that the new one does not have. */
    public enum Zeros {
        /** They are stored, as qemu-img stores them. */
        STORED,
        /** The overlay's tables say that they are zeros. */
        MARKED
    }

    private static final int READ_BYTES = 1 << 20;
    private static final int SECTOR_BYTES = 512;

    private final DiskImage overlay;
    private final PaddedImage newBacking;
    private final ByteBuffer old = buffer();
    private final ByteBuffer fresh = buffer();

    private OverlayRebase(DiskImage overlay, PaddedImage newBacking) {
        this.overlay = overlay;
        this.newBacking = newBacking;
    }

    private static ByteBuffer buffer() {
        return PageBuffer.allocate(READ_BYTES).order(ByteOrder.nativeOrder());
    }

    /**
     * Copies the differences.
     *
     * @param overlay open for writing, with its old backing chain
     * @param newBacking the new backing file, or null where the overlay is to stand alone
     * @param zeros for zeros within the old backing file; what reads as zeros behind its end is marked always
     */
    public static void copyDifferences(
            DiskImage overlay, @Nullable DiskImage newBacking, Zeros zeros, CopyProgress progress) throws IOException {
        long size = overlay.sizeBytes();
        OverlayRebase rebase = new OverlayRebase(overlay, new PaddedImage(newBacking, size));
        PairedMap.walk(overlay, rebase.newBacking, size, (offset, length, before, after) -> {
            // Of the overlay itself only what lies behind the old backing file's end is unallocated.
            boolean behind = before.depth() == 0 && before.kind() == Extent.Kind.UNALLOCATED;
            boolean own = before.depth() == 0 && !behind;
            boolean bothZero = before.kind().readsAsZero() && after.kind().readsAsZero();
            if (!own && !bothZero) {
                rebase.compare(offset, length, behind || zeros == Zeros.MARKED);
            }
            progress.done(offset + length, size);
            return true;
        });
    }

    private void compare(long offset, long length, boolean mark) throws IOException {
        for (long at = offset; at < offset + length; at += READ_BYTES) {
            int count = (int) Math.min(READ_BYTES, offset + length - at);
            overlay.read(at, old.clear().limit(count));
            newBacking.read(at, fresh.clear().limit(count));
            old.flip();
            fresh.flip();
            writeDifferences(at, count, mark);
        }
    }

    private void writeDifferences(long offset, int count, boolean mark) throws IOException {
        int at = 0;
        while (at < count) {
            boolean same = sameSector(at, count);
            int end = at;
            while (end < count && sameSector(end, count) == same) {
                end = Math.min(count, end + SECTOR_BYTES);
            }
            if (!same) {
                // Zeros too: what reads as zeros only because the old backing file ends before it would be left out.
                ByteBuffer content = old.duplicate().limit(end).position(at);
                if (mark && ZeroScan.isZero(old, at, end - at)) {
                    overlay.markZero(offset + at, end - at);
                } else {
                    overlay.write(offset + at, content);
                }
            }
            at = end;
        }
    }

    private boolean sameSector(int at, int count) {
        int length = Math.min(SECTOR_BYTES, count - at);
        return old.slice(at, length).equals(fresh.slice(at, length));
    }
}
