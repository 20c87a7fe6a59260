// SPDX-License-Identifier: Apache-2.0
package io.jvirt.storage.qcow2;

import io.jvirt.storage.StorageException;
import io.jvirt.storage.file.ByteStore;
import io.jvirt.storage.qcow2.format.ClusterGeometry;
import io.jvirt.storage.qcow2.format.Header;
import io.jvirt.storage.qcow2.format.Snapshot;
import io.jvirt.storage.qcow2.format.TableLocation;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Internal snapshots of an open image: copies of the L1 table whose clusters the disk shares until it writes them.
 * {@link TableSwitch} makes each step one write of the header.
 */
public final class Snapshots {
    private static final int MAX_NAME_BYTES = 0xffff;

    private final Qcow2Image image;
    private final Tables tables;
    private final ClusterGeometry geometry;

    Snapshots(Qcow2Image image, Tables tables) {
        this.image = image;
        this.tables = tables;
        geometry = tables.geometry;
    }

    /** All snapshots, in the table's order. */
    public List<Snapshot> list() throws IOException {
        return table().snapshots();
    }

    /** The snapshot with this id, else the first with this name, else null. */
    public @Nullable Snapshot find(String idOrName) throws IOException {
        List<Snapshot> all = list();
        for (Snapshot snapshot : all) {
            if (snapshot.id().equals(idOrName)) {
                return snapshot;
            }
        }
        return named(all, idOrName);
    }

    /** The first snapshot with this name, or null. */
    public @Nullable Snapshot findByName(String name) throws IOException {
        return named(list(), name);
    }

    private static @Nullable Snapshot named(List<Snapshot> all, String name) {
        for (Snapshot snapshot : all) {
            if (snapshot.name().equals(name)) {
                return snapshot;
            }
        }
        return null;
    }

    /** Takes a snapshot of the disk as it is. A name may be used more than once; the id is new. */
    public Snapshot create(String name, Instant time) throws IOException {
        Snapshot.Table table = table();
        List<Snapshot> all = new ArrayList<>(table.snapshots());
        if (all.size() >= Header.MAX_SNAPSHOTS) {
            throw new StorageException(
                    "'" + tables.file.name() + "' has " + all.size() + " snapshots, the most there can be",
                    "delete some with snapshot -d",
                    new IOException("File too large"));
        }
        if (tables.externalData) {
            throw new StorageException(
                    "'" + tables.file.name() + "' keeps its data in another file and so cannot have internal snapshots",
                    "make an overlay with create -b instead",
                    new IOException("Operation not supported"));
        }
        if (name.length() > MAX_NAME_BYTES / 4) {
            throw new StorageException("The snapshot's name is too long");
        }
        Snapshot[] made = new Snapshot[1];
        image.alone(() -> {
            long[] l1 = tables.l1().clone();
            new ReferenceSweep(tables).checkRoom(l1);
            TableSwitch.run(tables, to -> {
                to.addReferences(l1);
                // The snapshot keeps the table that was the disk's, which gets a new one.
                made[0] = new Snapshot(
                        tables.header().l1(),
                        newId(all),
                        name,
                        time.getEpochSecond(),
                        time.getNano(),
                        0,
                        0,
                        tables.header().virtualSizeBytes(),
                        // No guest ran, so there is nothing to count; qemu-img stores 0 and not "none" then.
                        0,
                        new byte[0]);
                all.add(made[0]);
                to.setSnapshots(all, table.lengthBytes());
                return l1;
            });
        });
        return made[0];
    }

    private static String newId(List<Snapshot> all) {
        long highest = 0;
        for (Snapshot snapshot : all) {
            try {
                highest = Math.max(highest, Long.parseUnsignedLong(snapshot.id()));
            } catch (NumberFormatException e) {
                // Ids are text; those that are no numbers do not meet the new one.
            }
        }
        return Long.toUnsignedString(highest + 1);
    }

    /** Makes the disk what it was when the snapshot was taken, its size too. What was written since is lost. */
    public void apply(Snapshot snapshot) throws IOException {
        if (!image.bitmaps().list().isEmpty()) {
            throw new StorageException(
                    "Device has active dirty bitmaps", "remove them first: they do not follow the disk back in time");
        }
        image.alone(() -> {
            long[] wanted = readL1(snapshot);
            int needed = (int) geometry.l1EntriesFor(snapshot.virtualSizeBytes());
            new ReferenceSweep(tables).checkRoom(wanted);
            TableSwitch.run(tables, to -> {
                to.addReferences(wanted);
                to.dropReferences(tables.l1());
                to.drop(tables.header().l1(), tables.header().l1().entries() * 8L);
                to.resize(snapshot.virtualSizeBytes());
                return Arrays.copyOf(wanted, Math.max(Math.max(wanted.length, needed), 1));
            });
        });
    }

    /** Forgets a snapshot; clusters that only it used become free. */
    public void delete(Snapshot snapshot) throws IOException {
        Snapshot.Table table = table();
        List<Snapshot> all = new ArrayList<>(table.snapshots());
        if (!all.removeIf(
                other -> other.id().equals(snapshot.id()) && other.name().equals(snapshot.name()))) {
            throw new StorageException("'" + tables.file.name() + "' has no snapshot '" + snapshot.name() + "'");
        }
        image.alone(() -> {
            long[] l1 = readL1(snapshot);
            TableSwitch.run(tables, to -> {
                to.setSnapshots(all, table.lengthBytes());
                to.dropReferences(l1);
                to.drop(snapshot.l1(), l1.length * 8L);
                to.drop(tables.header().l1(), tables.header().l1().entries() * 8L);
                return tables.l1().clone();
            });
        });
    }

    /** Writes the table anew, each entry with the extra data that version 3 asks for. */
    void completeTable() throws IOException {
        if (tables.header().snapshots().entries() > 0) {
            Snapshot.Table table = table();
            writeTable(tables, table.snapshots(), table.lengthBytes());
        }
    }

    long[] readL1(Snapshot snapshot) throws IOException {
        TableLocation place = snapshot.l1();
        if (place.entries() < 0 || place.entries() > Header.MAX_L1_BYTES / ClusterGeometry.TABLE_ENTRY_BYTES) {
            throw new StorageException("Snapshot L1 table too large", "see what check says of the image");
        }
        if (place.hostOffset() < 0 || geometry.offsetInCluster(place.hostOffset()) != 0) {
            throw new StorageException("Snapshot L1 table offset invalid", "see what check says of the image");
        }
        if (snapshot.virtualSizeBytes() < 0
                || geometry.l1EntriesFor(snapshot.virtualSizeBytes())
                        > Header.MAX_L1_BYTES / ClusterGeometry.TABLE_ENTRY_BYTES) {
            throw new StorageException(
                    "'" + tables.file.name() + "': the L1 table of snapshot '" + snapshot.name() + "' is damaged",
                    "see what check says of the image");
        }
        return L1Table.readEntries(tables.file, place.hostOffset(), place.entries());
    }

    /**
     * Writes the table of an image that nobody has open anew, each entry with all its extra data.
     *
     * @param previousBytes the length of the table that is there
     */
    public static void rewriteTable(ByteStore file, Header header, List<Snapshot> all, long previousBytes)
            throws IOException {
        Tables tables = new Tables(file, file, header, 0);
        tables.lock.lock();
        try {
            writeTable(tables, all, previousBytes);
            // The first flush lowers the old table's refcounts, the second one writes them.
            tables.flush();
            tables.syncAll();
        } finally {
            tables.lock.unlock();
        }
    }

    /** Writes a table elsewhere, then the header that names it; the old one is free after the next flush. */
    private static void writeTable(Tables tables, List<Snapshot> all, long previousBytes) throws IOException {
        ClusterGeometry geometry = tables.geometry;
        TableLocation previous = tables.header().snapshots();
        TableLocation place = place(tables, all);
        tables.checkpoint();
        tables.syncAll();
        tables.writeHeader(tables.header().withSnapshots(place));
        if (previousBytes > 0) {
            tables.releases.table(previous.hostOffset(), geometry.clustersFor(previousBytes));
        }
        tables.flush();
    }

    /** Writes a table where there is room; nothing names it yet. */
    static TableLocation place(Tables tables, List<Snapshot> all) throws IOException {
        if (all.isEmpty()) {
            return TableLocation.NONE;
        }
        ByteBuffer table = Snapshot.encodeTable(all);
        long hostOffset = tables.refcounts().allocateTable(tables.geometry.clustersFor(table.remaining()));
        tables.file.write(hostOffset, table);
        return new TableLocation(hostOffset, all.size());
    }

    /** Entries vary in length, so only reading them tells where a table ends. */
    private Snapshot.Table table() throws IOException {
        return Snapshot.readTable(tables.file, tables.header(), false);
    }
}
