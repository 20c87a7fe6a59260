// SPDX-License-Identifier: Apache-2.0
package io.jvirt.storage.qcow2;

import io.jvirt.storage.CorruptImageException;
import io.jvirt.storage.file.ByteStore;
import io.jvirt.storage.qcow2.format.ClusterGeometry;
import io.jvirt.storage.qcow2.format.L2Entry;
import io.jvirt.storage.qcow2.format.TableLocation;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Arrays;

/** The L1 table of an open image in memory, what of it has changed, and the checks of what it names. */
final class L1Table {
    private static final int CHUNK_BYTES = 1 << 20;

    private final ByteStore file;
    private final ClusterGeometry geometry;
    private final long hostOffset;
    private final long[] entries;
    private boolean namedOnce;
    private int dirtyFrom = Integer.MAX_VALUE;
    private int dirtyTo = -1;

    /** A table whose entries are on disk as they are here. */
    L1Table(ByteStore file, ClusterGeometry geometry, TableLocation location, long[] entries) {
        this.file = file;
        this.geometry = geometry;
        this.hostOffset = location.hostOffset();
        this.entries = entries;
    }

    static L1Table read(ByteStore file, ClusterGeometry geometry, TableLocation location) throws IOException {
        checkPlace(file, geometry, location);
        long[] entries = readEntries(file, location.hostOffset(), location.entries());
        L1Table table = new L1Table(file, geometry, location, entries);
        table.checkCount();
        return table;
    }

    /** A short file must not make us reserve memory for a table that it does not hold. */
    private static void checkPlace(ByteStore file, ClusterGeometry geometry, TableLocation location)
            throws IOException {
        long end = location.hostOffset() + location.entries() * 8L;
        if (end > geometry.alignUp(file.sizeBytes()) && location.entries() > 0) {
            throw new CorruptImageException(
                    "Could not read L1 table",
                    file.name(),
                    "L1 table",
                    location.hostOffset(),
                    "a table within the file of " + file.sizeBytes() + " bytes",
                    "a table that ends at " + end);
        }
    }

    /** More L2 tables than clusters in the file: some are named twice, and walking them could take for ever. */
    private void checkCount() throws IOException {
        long named = 0;
        for (long entry : entries) {
            named += L2Entry.hostOffset(entry) == 0 ? 0 : 1;
        }
        long clusters = geometry.clustersFor(file.sizeBytes());
        if (named > clusters) {
            throw new CorruptImageException(
                    "L1 table names more L2 tables than the file can hold",
                    file.name(),
                    "L1 table",
                    hostOffset,
                    "at most " + clusters + " tables",
                    Long.toString(named));
        }
    }

    /** Two ranges of the guest cannot lie in one L2 table; a walk over all of them could take for ever. */
    void checkTablesAreNamedOnce() throws IOException {
        if (namedOnce) {
            return;
        }
        int count = 0;
        long before = 0;
        boolean rising = true;
        long repeated = 0;
        for (long entry : entries) {
            long table = L2Entry.hostOffset(entry);
            if (table != 0) {
                count++;
                rising &= table > before;
                repeated = table == before ? table : repeated;
                before = table;
            }
        }
        // Most tables lie in order, and a copy of the largest takes 32 MiB.
        long[] sorted = new long[rising ? 0 : repeated != 0 ? 2 : count];
        if (repeated != 0) {
            Arrays.fill(sorted, repeated);
        } else if (!rising) {
            int next = 0;
            for (long entry : entries) {
                if (L2Entry.hostOffset(entry) != 0) {
                    sorted[next++] = L2Entry.hostOffset(entry);
                }
            }
            Arrays.sort(sorted);
        }
        for (int i = 1; i < sorted.length; i++) {
            if (sorted[i] == sorted[i - 1]) {
                throw new CorruptImageException(
                        "L1 table names one L2 table more than once",
                        file.name(),
                        "L1 table",
                        hostOffset,
                        "a table of its own for each entry",
                        "0x" + Long.toHexString(sorted[i]) + " again");
            }
        }
        namedOnce = true;
    }

    long[] entries() {
        return entries;
    }

    /** The entry for a guest offset, 0 beyond the table. */
    long entry(long guestOffset) {
        long index = geometry.l1Index(guestOffset);
        return index < entries.length ? entries[(int) index] : 0;
    }

    CorruptImageException corrupt(long index, String expected, String what) {
        long entry = entries[(int) index];
        return new CorruptImageException(
                "L2 table offset 0x" + Long.toHexString(L2Entry.hostOffset(entry)) + " " + what + " (L1 index: "
                        + DamageReport.hex(index) + ")",
                file.name(),
                "L1 entry " + index,
                hostOffset + index * 8,
                expected,
                "0x" + Long.toHexString(entry));
    }

    void set(int index, long entry) {
        entries[index] = entry;
        dirtyFrom = Math.min(dirtyFrom, index);
        dirtyTo = Math.max(dirtyTo, index);
    }

    boolean isDirty() {
        return dirtyTo >= dirtyFrom;
    }

    void writeDirty() throws IOException {
        writeEntries(file, hostOffset, entries, dirtyFrom, dirtyTo);
        dirtyFrom = Integer.MAX_VALUE;
        dirtyTo = -1;
    }

    /** Reads a table of 8-byte entries; entries beyond the end of the file read as 0. */
    static long[] readEntries(ByteStore file, long hostOffset, int entries) throws IOException {
        long[] table = new long[entries];
        ByteBuffer chunk = ByteBuffer.allocate((int) Math.min(CHUNK_BYTES, entries * 8L));
        for (int i = 0; i < entries; ) {
            chunk.clear().limit((int) Math.min(chunk.capacity(), (entries - i) * 8L));
            file.readZeroPadded(hostOffset + i * 8L, chunk);
            chunk.flip();
            while (chunk.hasRemaining()) {
                table[i++] = chunk.getLong();
            }
        }
        return table;
    }

    /** Writes the entries {@code from} to {@code to}, both included, of a table. */
    static void writeEntries(ByteStore file, long hostOffset, long[] table, int from, int to) throws IOException {
        ByteBuffer chunk = ByteBuffer.allocate((int) Math.min(CHUNK_BYTES, (to - from + 1) * 8L));
        for (int i = from; i <= to; ) {
            chunk.clear();
            long at = hostOffset + i * 8L;
            while (chunk.hasRemaining() && i <= to) {
                chunk.putLong(table[i++]);
            }
            file.write(at, chunk.flip());
        }
    }
}
