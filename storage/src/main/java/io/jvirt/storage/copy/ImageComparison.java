// SPDX-License-Identifier: Apache-2.0
package io.jvirt.storage.copy;

import io.jvirt.storage.CorruptImageException;
import io.jvirt.storage.DiskImage;
import io.jvirt.storage.Extent;
import io.jvirt.storage.StorageException;
import io.jvirt.storage.file.PageBuffer;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/** Tells whether two images have the same guest-visible content. What is longer must be zero there. */
public final class ImageComparison {
    private static final int READ_BYTES = 256 << 10;
    private static final int SECTOR_BYTES = 512;
    private static final int QUEUED_PER_THREAD = 256;

    /** How two images differ. */
    public enum Outcome {
        IDENTICAL,
        /** The content differs; the offset is that of the first sector that does. */
        CONTENT,
        /** Strict: the sizes differ. */
        SIZE,
        /** Strict: at the offset one is allocated in another way than the other. */
        ALLOCATION
    }

    /** The answer; {@code offset} is 0 unless the outcome has one. */
    public record Result(Outcome outcome, long offset) {}

    /** Which images a piece must be read from. */
    private enum Sides {
        BOTH,
        FIRST,
        SECOND
    }

    private record Piece(long guestOffset, int lengthBytes, Sides sides) {}

    /** One of the two could not be read. */
    public static final class ReadFailure extends StorageException {
        private static final long serialVersionUID = 1;

        private final boolean first;
        private final long guestOffset;

        ReadFailure(boolean first, long guestOffset, IOException cause) {
            super(CorruptImageException.reason(cause), null, cause);
            this.first = first;
            this.guestOffset = guestOffset;
        }

        /** Whether it was the first image. */
        public boolean isFirst() {
            return first;
        }

        public long guestOffset() {
            return guestOffset;
        }
    }

    private final DiskImage first;
    private final DiskImage second;
    private final CopyProgress progress;
    private final AtomicLong mismatch = new AtomicLong(Long.MAX_VALUE);

    private ImageComparison(DiskImage first, DiskImage second, CopyProgress progress) {
        this.first = first;
        this.second = second;
        this.progress = progress;
    }

    /** Compares; the answer is the same for any number of threads. */
    public static Result compare(DiskImage first, DiskImage second, boolean strict, int threads, CopyProgress progress)
            throws IOException {
        if (strict && first.sizeBytes() != second.sizeBytes()) {
            return new Result(Outcome.SIZE, 0);
        }
        return new ImageComparison(first, second, progress).run(strict, threads);
    }

    private Result run(boolean strict, int threads) throws IOException {
        RunQueue<Piece> queue = new RunQueue<>(threads * QUEUED_PER_THREAD);
        AtomicLong allocation = new AtomicLong(Long.MAX_VALUE);
        Workers.run(threads, queue, () -> work(queue), () -> feed(queue, strict, allocation));
        if (mismatch.get() < allocation.get()) {
            return new Result(Outcome.CONTENT, mismatch.get());
        }
        return allocation.get() == Long.MAX_VALUE
                ? new Result(Outcome.IDENTICAL, 0)
                : new Result(Outcome.ALLOCATION, allocation.get());
    }

    private void feed(RunQueue<Piece> queue, boolean strict, AtomicLong allocation) throws IOException {
        long common = Math.min(first.sizeBytes(), second.sizeBytes());
        long total = Math.max(first.sizeBytes(), second.sizeBytes());
        PairedMap.walk(first, second, common, (offset, length, a, b) -> {
            if (strict && !sameAllocation(a, b)) {
                allocation.set(offset);
                return false;
            }
            Sides sides = sides(a.kind().readsAsZero(), b.kind().readsAsZero());
            if (sides != null) {
                put(queue, offset, length, sides);
            }
            progress.done(offset + length, total);
            return mismatch.get() == Long.MAX_VALUE;
        });
        if (first.sizeBytes() != second.sizeBytes()
                && mismatch.get() == Long.MAX_VALUE
                && allocation.get() == Long.MAX_VALUE) {
            DiskImage longer = first.sizeBytes() > common ? first : second;
            longer.map(common, longer.sizeBytes() - common, extent -> {
                if (!extent.kind().readsAsZero()) {
                    put(
                            queue,
                            extent.guestOffset(),
                            extent.lengthBytes(),
                            longer == first ? Sides.FIRST : Sides.SECOND);
                }
                progress.done(extent.endOffset(), total);
            });
        }
    }

    private static @Nullable Sides sides(boolean firstIsZero, boolean secondIsZero) {
        if (firstIsZero) {
            return secondIsZero ? null : Sides.SECOND;
        }
        return secondIsZero ? Sides.FIRST : Sides.BOTH;
    }

    private static boolean sameAllocation(Extent a, Extent b) {
        return a.kind() == b.kind() && (a.hostOffset() < 0) == (b.hostOffset() < 0);
    }

    private static void put(RunQueue<Piece> queue, long offset, long length, Sides sides) throws IOException {
        for (long at = 0; at < length; at += READ_BYTES) {
            queue.put(new Piece(offset + at, (int) Math.min(READ_BYTES, length - at), sides));
        }
    }

    private void work(RunQueue<Piece> queue) throws IOException {
        ByteBuffer left = PageBuffer.allocate(READ_BYTES).order(ByteOrder.nativeOrder());
        ByteBuffer right = PageBuffer.allocate(READ_BYTES).order(ByteOrder.nativeOrder());
        for (Piece piece = queue.take(); piece != null; piece = queue.take()) {
            if (piece.guestOffset() >= mismatch.get()) {
                continue;
            }
            int at = switch (piece.sides()) {
                case FIRST -> firstNonZero(read(first, piece, left));
                case SECOND -> firstNonZero(read(second, piece, right));
                case BOTH -> read(first, piece, left).mismatch(read(second, piece, right));
            };
            if (at >= 0) {
                long sector = piece.guestOffset() + at / SECTOR_BYTES * SECTOR_BYTES;
                mismatch.accumulateAndGet(sector, Math::min);
            }
        }
    }

    private ByteBuffer read(DiskImage image, Piece piece, ByteBuffer buffer) throws IOException {
        try {
            image.read(piece.guestOffset(), buffer.clear().limit(piece.lengthBytes()));
        } catch (IOException e) {
            throw new ReadFailure(image == first, piece.guestOffset(), e);
        }
        return buffer.flip();
    }

    /** The offset of a sector with data, or -1. */
    private static int firstNonZero(ByteBuffer buffer) {
        if (ZeroScan.isZero(buffer, 0, buffer.limit())) {
            return -1;
        }
        for (int at = 0; at < buffer.limit(); at += SECTOR_BYTES) {
            if (!ZeroScan.isZero(buffer, at, Math.min(SECTOR_BYTES, buffer.limit() - at))) {
                return at;
            }
        }
        return -1;
    }
}
