// SPDX-License-Identifier: Apache-2.0
package io.jvirt.storage.qcow2.format;

import io.jvirt.storage.CorruptImageException;
import io.jvirt.storage.StorageException;
import io.jvirt.storage.file.ByteStore;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;

/**
 * An entry of the snapshot table ("Snapshots" in the specification): 40 bytes of fields, extra data, the unique id, the
 * name, padded to a multiple of 8.
 *
 * @param l1 the snapshot's L1 table
 * @param id unique text, in practice a number
 * @param name what the user called it
 * @param dateSeconds Unix time
 * @param dateNanoseconds the fraction of it
 * @param vmClockNanoseconds how long the guest had run
 * @param vmStateBytes the VM state's size, 0 for a snapshot of the disk only
 * @param virtualSizeBytes the disk's size when it was taken
 * @param icount the instruction count, -1 where there is none
 * @param unknownExtra extra data after the fields known here
 */
@SuppressWarnings("ArrayRecordComponent") // snapshots are not compared
public record Snapshot(
        TableLocation l1,
        String id,
        String name,
        long dateSeconds,
        long dateNanoseconds,
        long vmClockNanoseconds,
        long vmStateBytes,
        long virtualSizeBytes,
        long icount,
        byte[] unknownExtra) {

    private static final int FIXED_BYTES = 40;
    /** More extra data than this is refused. */
    public static final int MAX_EXTRA_BYTES = 1024;

    private static final int KNOWN_EXTRA_BYTES = 24;
    private static final long MAX_TABLE_BYTES = 64 << 20;

    /** So far a table may be spread by extra data that a repair leaves out. */
    private static final long MAX_SPREAD_BYTES = Integer.MAX_VALUE;

    /**
     * A table as it was read.
     *
     * @param lengthBytes how far it reaches in the file
     * @param extraBytes how much extra data each entry has
     * @param overhanging how many entries were left out because the table would be too large with them
     */
    public record Table(List<Snapshot> snapshots, long lengthBytes, List<Long> extraBytes, int overhanging) {}

    /** Reads a table that the header names; every length is checked before it is used. */
    public static List<Snapshot> readTable(ByteStore store, Header header) throws IOException {
        return readTable(store, header, false).snapshots();
    }

    /**
     * The same; {@code shorten} takes over only so much extra data as an entry may have, only so many entries as a table
     * may have, and does not refuse more.
     */
    public static Table readTable(ByteStore store, Header header, boolean shorten) throws IOException {
        List<Long> extras = new ArrayList<>();
        List<Snapshot> snapshots = new ArrayList<>();
        long start = header.snapshots().hostOffset();
        long at = start;
        TableBytes bytes = new TableBytes(store, start + MAX_SPREAD_BYTES);
        long keptTableBytes = 0;
        for (int i = 0; i < header.snapshots().entries(); i++) {
            long entryAt = at;
            ByteBuffer fixed = bytes.read(at, FIXED_BYTES);
            int idBytes = fixed.getShort(12) & 0xffff;
            int nameBytes = fixed.getShort(14) & 0xffff;
            long extraBytes = Integer.toUnsignedLong(fixed.getInt(36));
            extras.add(extraBytes);
            if (extraBytes > MAX_EXTRA_BYTES && !shorten) {
                throw new StorageException(
                        "Too much extra metadata in snapshot table entry " + i,
                        "You can force-remove this extra metadata with qemu-img check -r all");
            }
            int keptBytes = (int) Math.min(extraBytes, MAX_EXTRA_BYTES);
            ByteBuffer rest = ByteBuffer.allocate(keptBytes + idBytes + nameBytes);
            rest.put(bytes.read(at + FIXED_BYTES, keptBytes));
            rest.put(bytes.read(at + FIXED_BYTES + extraBytes, idBytes + nameBytes));
            at += (FIXED_BYTES + extraBytes + idBytes + nameBytes + 7) / 8 * 8;
            keptTableBytes += (FIXED_BYTES + keptBytes + idBytes + nameBytes + 7) / 8 * 8;
            int beyond = header.snapshots().entries() - i;
            if (!shorten && at - start > MAX_TABLE_BYTES) {
                throw new StorageException(
                        "Snapshot table is too big",
                        "You can force-remove all " + beyond + " overhanging snapshots with qemu-img check -r all");
            }
            if (keptTableBytes > MAX_TABLE_BYTES || at - start > MAX_SPREAD_BYTES) {
                return new Table(snapshots, entryAt - start, extras, beyond);
            }
            snapshots.add(decode(fixed, rest.flip(), keptBytes, idBytes, nameBytes, header));
        }
        return new Table(snapshots, at - start, extras, 0);
    }

    /** Reads pieces of a table that lie one behind the other, many of them at a time. What lies behind the end of the file is zeros. */
    private static final class TableBytes {
        private static final int WINDOW_BYTES = 8192;

        private final ByteStore store;
        private final long end;
        private ByteBuffer window = ByteBuffer.allocate(0);
        private long windowAt;

        TableBytes(ByteStore store, long end) {
            this.store = store;
            this.end = end;
        }

        ByteBuffer read(long at, int length) throws IOException {
            if (at > end - length) {
                throw new CorruptImageException(
                        "Snapshot table too large",
                        store.name(),
                        "snapshot table entry",
                        at,
                        "at most " + MAX_TABLE_BYTES + " bytes of table, all within the file",
                        "an entry that goes beyond offset " + end);
            }
            if (at < windowAt || at + length > windowAt + window.capacity()) {
                window = ByteBuffer.allocate(Math.max(length, WINDOW_BYTES));
                windowAt = at;
                store.readZeroPadded(at, window);
            }
            return window.slice((int) (at - windowAt), length);
        }
    }

    private static Snapshot decode(
            ByteBuffer fixed, ByteBuffer rest, int extraBytes, int idBytes, int nameBytes, Header header) {
        long vmState = Integer.toUnsignedLong(fixed.getInt(32));
        long size = header.virtualSizeBytes();
        long icount = -1;
        if (extraBytes >= 8) {
            vmState = rest.getLong(0);
        }
        if (extraBytes >= 16) {
            size = rest.getLong(8);
        }
        if (extraBytes >= KNOWN_EXTRA_BYTES) {
            icount = rest.getLong(16);
        }
        byte[] unknown = new byte[Math.max(0, extraBytes - KNOWN_EXTRA_BYTES)];
        rest.get(extraBytes - unknown.length, unknown);
        return new Snapshot(
                new TableLocation(fixed.getLong(0), fixed.getInt(8)),
                text(rest, extraBytes, idBytes),
                text(rest, extraBytes + idBytes, nameBytes),
                Integer.toUnsignedLong(fixed.getInt(16)),
                Integer.toUnsignedLong(fixed.getInt(20)),
                fixed.getLong(24),
                vmState,
                size,
                icount,
                unknown);
    }

    private static String text(ByteBuffer bytes, int at, int length) {
        byte[] part = new byte[length];
        bytes.get(at, part);
        return StoredText.of(part);
    }

    /** The table of these snapshots as it lies in the file. */
    public static ByteBuffer encodeTable(List<Snapshot> all) {
        List<ByteBuffer> entries = all.stream().map(Snapshot::encode).toList();
        ByteBuffer table = ByteBuffer.allocate(
                entries.stream().mapToInt(ByteBuffer::remaining).sum());
        entries.forEach(table::put);
        return table.flip();
    }

    /** The entry as it goes into the table, padded. */
    private ByteBuffer encode() {
        byte[] idText = StoredText.bytes(id);
        byte[] nameText = StoredText.bytes(name);
        int extra = KNOWN_EXTRA_BYTES + unknownExtra.length;
        int length = (FIXED_BYTES + extra + idText.length + nameText.length + 7) / 8 * 8;
        ByteBuffer entry = ByteBuffer.allocate(length);
        entry.putLong(l1.hostOffset()).putInt(l1.entries());
        entry.putShort((short) idText.length).putShort((short) nameText.length);
        entry.putInt((int) dateSeconds).putInt((int) dateNanoseconds).putLong(vmClockNanoseconds);
        entry.putInt(vmStateBytes > 0xffff_ffffL ? 0 : (int) vmStateBytes).putInt(extra);
        entry.putLong(vmStateBytes).putLong(virtualSizeBytes).putLong(icount).put(unknownExtra);
        entry.put(idText).put(nameText);
        return entry.clear();
    }
}
