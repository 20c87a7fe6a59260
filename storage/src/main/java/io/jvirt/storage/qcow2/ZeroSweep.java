// SPDX-License-Identifier: Apache-2.0
package io.jvirt.storage.qcow2;

import io.jvirt.storage.qcow2.format.ClusterGeometry;
import io.jvirt.storage.qcow2.format.L2Entry;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.function.LongConsumer;

/** Finds clusters of the active disk alone that hold nothing but zeros, and gives them up. What the guest reads stays. */
final class ZeroSweep {
    private static final int PIECE_BYTES = 2 << 20;

    private final Tables tables;
    private final ClusterReader reader;
    private final ClusterEraser eraser;
    private final ClusterGeometry geometry;
    private final ByteBuffer zeros;

    ZeroSweep(Tables tables, ClusterReader reader, ClusterEraser eraser) {
        this.tables = tables;
        this.reader = reader;
        this.eraser = eraser;
        this.geometry = tables.geometry;
        this.zeros = ByteBuffer.allocate(geometry.clusterBytes());
    }

    void run(LongConsumer progress) throws IOException {
        boolean version2 = tables.header().version() < 3;
        if (version2 && reader.backing() != null) {
            // Version 2 can only say that a cluster is the backing file's, not that it is zero.
            return;
        }
        long size = tables.header().virtualSizeBytes();
        boolean shared = tables.header().snapshots().entries() > 0;
        ByteBuffer data = ByteBuffer.allocate(PIECE_BYTES);
        for (long at = 0; at < size; ) {
            long inCluster = geometry.clusterBytes() - geometry.offsetInCluster(at);
            // With snapshots, each entry says for itself whether its cluster is shared.
            Mapping mapping = reader.find(at, Math.min(size - at, shared ? inCluster : PIECE_BYTES));
            boolean own = tables.externalData || L2Entry.isCopied(mapping.entry());
            if (mapping.kind() == Mapping.Kind.NORMAL && own) {
                sweep(at, (int) mapping.lengthBytes(), data, version2);
            }
            at += mapping.lengthBytes();
            progress.accept(at);
        }
    }

    private void sweep(long from, int length, ByteBuffer data, boolean version2) throws IOException {
        data.clear().limit(length);
        reader.read(from, data);
        data.flip();
        int unit = geometry.clusterBytes();
        long end = tables.header().virtualSizeBytes();
        int runStart = -1;
        for (int at = 0; at <= length; at += unit) {
            int count = Math.min(unit, length - at);
            boolean whole = count == unit || (count > 0 && from + at + count == end);
            boolean zero = whole
                    && geometry.offsetInCluster(from + at) == 0
                    && data.slice(at, count).mismatch(zeros.slice(0, count)) < 0;
            if (zero && runStart < 0) {
                runStart = at;
            } else if (!zero && runStart >= 0) {
                giveUp(from + runStart, at - runStart, version2);
                runStart = -1;
            }
        }
        if (runStart >= 0) {
            giveUp(from + runStart, length - runStart, version2);
        }
    }

    private void giveUp(long from, long length, boolean version2) throws IOException {
        if (version2) {
            eraser.discard(from, length);
        } else {
            eraser.zero(from, length, true);
        }
    }
}
