// SPDX-License-Identifier: Apache-2.0
package io.jvirt.storage.copy;

import io.jvirt.storage.DiskImage;
import io.jvirt.storage.Extent;
import io.jvirt.storage.file.ByteStore;
import io.jvirt.storage.file.PageBuffer;
import io.jvirt.storage.qcow2.format.Features;
import io.jvirt.storage.qcow2.format.Header;
import io.jvirt.storage.qcow2.format.HeaderExtension;
import io.jvirt.storage.qcow2.format.TableLocation;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.function.LongConsumer;

/** Writes what overlays changed into the image below them. */
public final class OverlayCommit {
    private static final int READ_BYTES = 1 << 20;

    /** One reads while the other writes. */
    private static final int THREADS = 2;

    private static final int QUEUED_PIECES = 256;

    private OverlayCommit() {}

    /**
     * Copies what the layers hold themselves into the base, the lowest layer first. The base is as large as the topmost
     * layer afterwards, if it was smaller.
     *
     * @param layers the images above the base, the topmost first, each opened without its backing file
     * @param base open for writing
     */
    public static void copyDown(List<DiskImage> layers, DiskImage base, long bytesPerSecond, CopyProgress progress)
            throws IOException {
        long size = layers.get(0).sizeBytes();
        if (base.sizeBytes() < size) {
            base.resize(size);
        }
        RateLimit rate = new RateLimit(bytesPerSecond);
        long total = size * layers.size();
        RunQueue<Piece> queue = new RunQueue<>(QUEUED_PIECES);
        Workers.run(THREADS, queue, () -> work(queue, base, rate, done -> progress.done(done, total)), () -> {
            long ticket = 0;
            for (int i = layers.size() - 1; i >= 0; i--) {
                ticket = feed(queue, layers.get(i), size, size * (layers.size() - 1 - i), ticket);
            }
        });
        progress.done(total, total);
        base.flush();
    }

    /**
     * A part of a layer that the base is to hold.
     *
     * @param zeros it reads as zeros; of any length then, else of at most {@link #READ_BYTES}
     * @param before how much of all layers comes before this one
     */
    private record Piece(
            DiskImage layer, long guestOffset, long lengthBytes, boolean zeros, long before, long ticket) {}

    /** Returns the next ticket. */
    private static long feed(RunQueue<Piece> queue, DiskImage layer, long size, long before, long firstTicket)
            throws IOException {
        long end = Math.min(size, layer.sizeBytes());
        long[] ticket = {firstTicket};
        layer.map(0, end, extent -> {
            if (extent.kind() == Extent.Kind.UNALLOCATED) {
                return;
            }
            boolean zeros = extent.kind().readsAsZero();
            long most = zeros ? extent.lengthBytes() : READ_BYTES;
            for (long at = extent.guestOffset(); at < extent.endOffset(); at += most) {
                long length = Math.min(most, extent.endOffset() - at);
                queue.put(new Piece(layer, at, length, zeros, before, ticket[0]++));
            }
        });
        if (end < size) {
            // A layer that is shorter than the one above it reads as zeros behind its end.
            queue.put(new Piece(layer, end, size - end, true, before, ticket[0]++));
        }
        return ticket[0];
    }

    /** Reads beside the others, and writes in turn: the base has one writer, and an upper layer goes over a lower one. */
    private static void work(RunQueue<Piece> queue, DiskImage base, RateLimit rate, LongConsumer progress)
            throws IOException {
        ByteBuffer data = PageBuffer.allocate(READ_BYTES);
        for (Piece piece = queue.take(); piece != null; piece = queue.take()) {
            if (!piece.zeros()) {
                rate.pass(piece.lengthBytes());
                piece.layer().read(piece.guestOffset(), data.clear().limit((int) piece.lengthBytes()));
            }
            queue.awaitTurn(piece.ticket());
            if (piece.zeros()) {
                base.zero(piece.guestOffset(), piece.lengthBytes(), true);
            } else {
                base.write(piece.guestOffset(), data.flip());
            }
            progress.accept(piece.before() + piece.guestOffset() + piece.lengthBytes());
            queue.turnDone();
        }
    }

    /** Fills a new file with an image like an overlay of this header, but without any content of its own. */
    public static void writeEmpty(ByteStore file, Header header) throws IOException {
        Header empty = header.withL1(TableLocation.NONE)
                .withRefcountTable(TableLocation.NONE)
                .withSnapshots(TableLocation.NONE)
                .withFeatures(header.features()
                        .withIncompatible(Features.DIRTY, false)
                        .withAutoclear(Features.BITMAPS, false))
                .withoutExtension(HeaderExtension.BITMAPS);
        new Qcow2Layout(file, empty).finish();
    }
}
