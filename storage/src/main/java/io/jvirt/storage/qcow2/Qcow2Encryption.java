// SPDX-License-Identifier: Apache-2.0
package io.jvirt.storage.qcow2;

import io.jvirt.storage.StorageException;
import io.jvirt.storage.crypto.HeaderStorage;
import io.jvirt.storage.crypto.LuksOptions;
import io.jvirt.storage.crypto.LuksVolume;
import io.jvirt.storage.crypto.SectorTransform;
import io.jvirt.storage.file.ByteStore;
import io.jvirt.storage.qcow2.format.Header;
import io.jvirt.storage.qcow2.format.HeaderExtension;
import java.io.IOException;
import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/**
 * Encryption of the data in an image ("Full disk encryption header pointer" in the specification): a LUKS header in
 * clusters of its own, sectors encrypted by host offset; or the first, weak method, sectors encrypted by guest offset.
 */
public final class Qcow2Encryption {
    private static final int POINTER_BYTES = 16;

    private Qcow2Encryption() {}

    /** What decrypts an image's data. */
    public static DataTransform unlock(ByteStore file, Header header, byte[] passphrase) throws IOException {
        if (header.cryptMethod() == Header.CRYPT_AES) {
            return new SectorData(SectorTransform.legacyAes(passphrase), false);
        }
        return new SectorData(volume(file, header).unlock(passphrase), true);
    }

    /** The LUKS header of an image, for its description and its key slots. */
    public static LuksVolume volume(ByteStore file, Header header) throws IOException {
        HeaderExtension pointer = header.extension(HeaderExtension.ENCRYPTION_HEADER);
        if (header.cryptMethod() != Header.CRYPT_LUKS) {
            throw new StorageException("'" + file.name() + "' is not encrypted with LUKS");
        }
        if (pointer == null || pointer.data().length != POINTER_BYTES) {
            throw new StorageException("'" + file.name() + "' is encrypted but does not say where its LUKS header is");
        }
        long offset = ByteBuffer.wrap(pointer.data()).getLong(0);
        long length = ByteBuffer.wrap(pointer.data()).getLong(8);
        if (offset <= 0
                || header.geometry().offsetInCluster(offset) != 0
                || length <= 0
                || offset > file.sizeBytes() - length) {
            throw new StorageException("'" + file.name() + "': the LUKS header of " + length + " bytes at offset "
                    + offset + " is not within the file");
        }
        return LuksVolume.open(new Place(file, offset, length));
    }

    /** Makes an image that holds no data yet an encrypted one; without options by the first method. */
    static void write(Tables tables, @Nullable LuksOptions options, byte[] passphrase) throws IOException {
        Header header = tables.header();
        if (options == null) {
            tables.writeHeader(encrypted(header, Header.CRYPT_AES));
            return;
        }
        long length = LuksVolume.headerBytes(options);
        long clusters = tables.geometry.clustersFor(length);
        long offset = tables.refcounts().allocateTable(clusters);
        tables.file.zeroRange(offset, clusters << tables.geometry.clusterBits());
        LuksVolume.create(new Place(tables.file, offset, length), options, passphrase);
        tables.checkpoint();
        tables.syncAll();
        ByteBuffer pointer = ByteBuffer.allocate(POINTER_BYTES).putLong(offset).putLong(length);
        // Room for it may have taken a longer refcount table, which the header names by now.
        tables.writeHeader(encrypted(tables.header(), Header.CRYPT_LUKS)
                .withExtension(new HeaderExtension(HeaderExtension.ENCRYPTION_HEADER, pointer.array())));
    }

    private static Header encrypted(Header header, int method) {
        return new Header(
                header.version(),
                header.geometry(),
                header.virtualSizeBytes(),
                method,
                header.l1(),
                header.refcountTable(),
                header.snapshots(),
                header.features(),
                header.compressionType(),
                header.unknownFields(),
                header.extensions(),
                header.backingFile());
    }

    private record SectorData(SectorTransform transform, boolean byHostOffset) implements DataTransform {
        @Override
        public int sectorBytes() {
            return SectorTransform.SECTOR_BYTES;
        }

        @Override
        public void toHost(ByteBuffer data, long guestOffset, long hostOffset) {
            transform.encrypt(byHostOffset ? hostOffset : guestOffset, data.duplicate());
        }

        @Override
        public void toGuest(ByteBuffer data, long guestOffset, long hostOffset) {
            transform.decrypt(byHostOffset ? hostOffset : guestOffset, data.duplicate());
        }
    }

    /** A range of the file. */
    private record Place(ByteStore file, long offset, long length) implements HeaderStorage {
        @Override
        public long sizeBytes() {
            return length;
        }

        @Override
        public void read(long at, ByteBuffer target) throws IOException {
            check(at, target.remaining());
            file.read(offset + at, target);
        }

        @Override
        public void write(long at, ByteBuffer source) throws IOException {
            check(at, source.remaining());
            file.write(offset + at, source);
        }

        @Override
        public void flush() throws IOException {
            file.sync();
        }

        private void check(long at, int bytes) throws StorageException {
            if (at < 0 || at > length - bytes) {
                throw new StorageException("'" + file.name() + "': the LUKS header refers to offset " + at
                        + " beyond its " + length + " bytes");
            }
        }
    }
}
