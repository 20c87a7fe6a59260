// SPDX-License-Identifier: Apache-2.0
package io.jvirt.storage.qcow2;

import io.jvirt.storage.CorruptImageException;
import io.jvirt.storage.compress.CompressionType;
import io.jvirt.storage.file.ByteStore;
import io.jvirt.storage.qcow2.format.L2Entry;
import java.io.IOException;

/**
 * Bounds what a walk over an image's tables can find. In a sound image each table is read once and each cluster is named
 * once; a hostile one lets all tables name one table, or all entries one cluster, and so asks for more than a disk holds.
 */
final class WalkBounds {
    /** So much is found before anything is asked of the host: most walks are short. */
    private static final long FREE_RUNS = 1 << 18;

    private static final long FREE_BYTES = 64 << 20;
    private static final long FREE_PACKED_BYTES = 64 << 10;

    /** Deflate makes data smaller by no more than this factor; zstd, with a few bytes for a run of one byte, by more. */
    private static final int MAX_DEFLATE_RATIO = 1040;

    private static final int MIN_ZSTD_BYTES = 13;

    /** Where so many tables are named, a look at the file's holes costs less than reading them all. */
    private static final int MANY_TABLES = 4096;

    /** A file in more pieces than this is taken to be all data. */
    private static final int MAX_PIECES = 1 << 18;

    private final Tables tables;
    private final boolean manyTables;
    private final int minPackedBytes;
    private long storedBytes = -1;
    private long fileBytes = -1;
    private long runs;
    private long namedBytes;
    private long dataBytes;
    private long packedBytes;
    private long holeStart = -1;
    private long holeEnd = -1;

    WalkBounds(Tables tables) throws IOException {
        this.tables = tables;
        manyTables = tables.header().l1().entries() > MANY_TABLES;
        minPackedBytes = tables.header().compressionType() == CompressionType.ZSTD.code()
                ? MIN_ZSTD_BYTES
                : Math.max(1, tables.geometry.clusterBytes() / MAX_DEFLATE_RATIO);
        tables.checkTablesAreNamedOnce();
    }

    /** Counts a run that the walk has come to. */
    void count(Mapping mapping) throws IOException {
        runs++;
        switch (mapping.kind()) {
            case NORMAL -> namedBytes += mapping.lengthBytes();
            case COMPRESSED -> packedBytes += minPackedBytes;
            default -> {}
        }
        // An entry of 8 bytes is one run at most; one of 16 bytes with its subclusters is 32.
        if (runs > FREE_RUNS) {
            refuseAbove(runs, FREE_RUNS + storedBytes() * (tables.geometry.extendedL2() ? 2 : 1), "runs");
        }
        if (packedBytes > FREE_PACKED_BYTES) {
            refuseAbove(packedBytes, storedBytes(), "bytes of compressed data");
        }
    }

    /**
     * Counts data that lies in no hole, from where holes are asked for. A sound image stores clusters in part too: QEMU leaves
     * what a guest did not write of them to the host, as allocated space that is a hole until somebody has read it.
     */
    void countData(long lengthBytes) throws IOException {
        dataBytes += lengthBytes;
        if (dataBytes > FREE_BYTES && dataBytes > FREE_BYTES + storedBytes()) {
            storedBytes = -1;
            refuseAbove(dataBytes, FREE_BYTES + storedBytes(), "bytes of data");
        }
    }

    private void refuseAbove(long found, long most, String what) throws CorruptImageException {
        if (found > most) {
            throw new CorruptImageException(
                    "The tables of '" + tables.file.name() + "' name the same places again and again",
                    tables.file.name(),
                    "L2 tables",
                    tables.header().l1().hostOffset(),
                    "at most " + most + " " + what,
                    Long.toString(found));
        }
    }

    /** More data is named than the host stores: the rest lies in holes. */
    boolean isBeyondStored() throws IOException {
        return namedBytes > FREE_BYTES && namedBytes > storedBytes();
    }

    /** What the host stores of the file; where it compresses files, they hold more than they take. */
    private long storedBytes() throws IOException {
        if (storedBytes < 0) {
            ByteStore data = tables.data;
            long size = data.sizeBytes();
            long sum = 0;
            int pieces = 0;
            for (long at = data.nextData(0); at < size; ) {
                long hole = ++pieces > MAX_PIECES ? size : data.nextHole(at);
                sum += hole - at;
                at = hole >= size ? size : data.nextData(hole);
            }
            storedBytes = sum;
        }
        return storedBytes;
    }

    /** Whether the L2 table for a guest offset lies in a hole, so that it maps nothing. */
    boolean isTableInHole(long guestOffset) throws IOException {
        if (!manyTables) {
            return false;
        }
        long table = L2Entry.hostOffset(tables.l1Entry(guestOffset));
        long end = table + tables.geometry.clusterBytes();
        if (fileBytes < 0) {
            fileBytes = tables.file.sizeBytes();
        }
        if (table == 0 || end > fileBytes) {
            return false;
        }
        if (table < holeStart || table >= holeEnd) {
            long data = tables.file.nextData(table);
            if (data <= table) {
                return false;
            }
            holeStart = table;
            holeEnd = data;
        }
        return end <= holeEnd;
    }
}
