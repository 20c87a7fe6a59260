// SPDX-License-Identifier: Apache-2.0
package io.jvirt.storage.qcow2;

import io.jvirt.storage.DiskImage;
import io.jvirt.storage.StorageException;
import io.jvirt.storage.file.ByteStore;
import io.jvirt.storage.qcow2.check.Qcow2Check;
import io.jvirt.storage.qcow2.check.Repair;
import io.jvirt.storage.qcow2.format.Header;
import io.jvirt.storage.qcow2.format.HeaderReader;
import io.jvirt.storage.qcow2.format.Snapshot;
import io.jvirt.storage.qcow2.format.TableLocation;
import java.io.IOException;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** Opens images whose header has been read; closing them closes what they were given. */
public final class Qcow2Opener {
    private static final int TOP_CACHE_BYTES = 32 << 20;
    private static final int BACKING_CACHE_BYTES = 4 << 20;
    private static final int DEEP_CACHE_BYTES = 256 << 10;
    private static final int DEEP = 8;

    private Qcow2Opener() {}

    /**
     * Opens an image without encryption.
     *
     * @param dataFile the external data file where the header asks for one
     * @param backing the opened backing file, or null where there is none or none is wanted
     * @param depth 0 for the image itself, 1 for a backing file, and so on
     */
    public static Qcow2Image open(
            ByteStore file, Header header, @Nullable ByteStore dataFile, @Nullable DiskImage backing, int depth)
            throws IOException {
        return open(file, header, dataFile, backing, depth, null, finding -> {});
    }

    /**
     * The same with a layer that changes the data, such as encryption; {@code repairs} takes the findings when a dirty
     * image is repaired before it is written.
     */
    public static Qcow2Image open(
            ByteStore file,
            Header header,
            @Nullable ByteStore dataFile,
            @Nullable DiskImage backing,
            int depth,
            @Nullable DataTransform transform,
            Consumer<String> repairs)
            throws IOException {
        if (header.cryptMethod() != Header.CRYPT_NONE && transform == null) {
            throw new StorageException(
                    "Parameter 'encrypt.key-secret' is required for cipher",
                    "name the passphrase with --object secret,id=…,file=… and encrypt.key-secret=…");
        }
        if (!file.isReadOnly() && header.features().isCorrupt()) {
            throw new StorageException(
                    "qcow2: Image is corrupt; cannot be opened read/write", "repair it with check -r all");
        }
        Header sound = file.isReadOnly() || !header.features().isDirty() ? header : recountedHeader(file, repairs);
        int cache = depth == 0 ? TOP_CACHE_BYTES : depth < DEEP ? BACKING_CACHE_BYTES : DEEP_CACHE_BYTES;
        Tables tables = new Tables(file, dataFile == null ? file : dataFile, sound, cache);
        return new Qcow2Image(tables, backing, transform);
    }

    /** The refcounts of a dirty image can be too low: a writer that trusted them would overwrite data. */
    private static Header recountedHeader(ByteStore file, Consumer<String> repairs) throws IOException {
        Qcow2Check.run(file, Repair.ALL, repairs);
        file.sync();
        Header header = HeaderReader.read(file);
        if (header.features().isDirty()) {
            throw new StorageException(
                    "Could not repair dirty image '" + file.name() + "'",
                    "look at it with check, then use check -r all");
        }
        return header;
    }

    /** The disk as it was when a snapshot was taken, for reading. */
    static Qcow2Image view(Tables tables, @Nullable DiskImage backing, Snapshot snapshot) throws IOException {
        if (tables.header().cryptMethod() != Header.CRYPT_NONE) {
            throw new StorageException("'" + tables.file.name() + "' is encrypted: its snapshots cannot be read alone");
        }
        TableLocation l1 = snapshot.l1();
        if (l1.entries() < 0 || l1.entries() > Header.MAX_L1_BYTES / 8) {
            throw new StorageException("Snapshot L1 table too large");
        }
        if (l1.hostOffset() < 0 || tables.geometry.offsetInCluster(l1.hostOffset()) != 0) {
            throw new StorageException("Snapshot L1 table offset invalid");
        }
        Header then = tables.header().withL1(snapshot.l1()).withVirtualSize(snapshot.virtualSizeBytes());
        ByteStore data = tables.externalData ? tables.data : null;
        return open(tables.file, then, data, backing, 0);
    }
}
