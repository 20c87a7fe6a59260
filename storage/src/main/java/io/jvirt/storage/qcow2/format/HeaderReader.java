// SPDX-License-Identifier: Apache-2.0
package io.jvirt.storage.qcow2.format;

import static io.jvirt.storage.qcow2.format.Header.V2_BYTES;
import static io.jvirt.storage.qcow2.format.Header.V3_BYTES;
import static io.jvirt.storage.qcow2.format.Header.V3_MIN_BYTES;

import io.jvirt.storage.CorruptImageException;
import io.jvirt.storage.StorageException;
import io.jvirt.storage.file.ByteStore;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Reads and checks a header. What it answers can be used for memory, loops and addresses: sizes are within the format's
 * limits and tables lie at offsets that exist in the address space (whether in the file is checked when they are read).
 */
public final class HeaderReader {
    private static final int FIRST_READ_BYTES = 4096;

    private final String file;
    private final ByteBuffer bytes;
    private final boolean forRepair;

    private HeaderReader(String file, ByteBuffer bytes, boolean forRepair) {
        this.file = file;
        this.bytes = bytes;
        this.forRepair = forRepair;
    }

    public static boolean isQcow2(ByteBuffer start) {
        return start.remaining() >= V2_BYTES
                && start.getInt(0) == Header.MAGIC
                && Integer.compareUnsigned(start.getInt(4), 2) >= 0;
    }

    public static Header read(ByteStore store) throws IOException {
        return read(store, false);
    }

    /** The same for a check: a refcount table that is missing and too many snapshots are what a repair can mend. */
    public static Header readForRepair(ByteStore store) throws IOException {
        return read(store, true);
    }

    private static Header read(ByteStore store, boolean forRepair) throws IOException {
        ByteBuffer start = ByteBuffer.allocate(FIRST_READ_BYTES);
        store.readUpTo(0, start);
        start.flip();
        HeaderReader reader = new HeaderReader(store.name(), start, forRepair);
        int clusterBits = reader.checkStart();
        int clusterBytes = 1 << clusterBits;
        if (clusterBytes > FIRST_READ_BYTES && reader.needsMoreThan(FIRST_READ_BYTES)) {
            ByteBuffer cluster = ByteBuffer.allocate(clusterBytes);
            store.readUpTo(0, cluster);
            cluster.flip();
            reader = new HeaderReader(store.name(), cluster, forRepair);
        } else if (clusterBytes < start.limit()) {
            start.limit(clusterBytes);
        }
        return reader.parse(clusterBits);
    }

    private int checkStart() throws IOException {
        if (bytes.limit() < V2_BYTES || bytes.getInt(0) != Header.MAGIC) {
            throw new StorageException("Image is not in qcow2 format");
        }
        int version = bytes.getInt(4);
        if (version != 2 && version != 3) {
            throw new StorageException("Unsupported qcow2 version " + Integer.toUnsignedString(version));
        }
        int clusterBits = bytes.getInt(20);
        if (clusterBits < ClusterGeometry.MIN_CLUSTER_BITS || clusterBits > ClusterGeometry.MAX_CLUSTER_BITS) {
            throw new StorageException("Unsupported cluster size: 2^" + Integer.toUnsignedString(clusterBits));
        }
        return clusterBits;
    }

    /** Whether extensions or backing name may lie beyond the first bytes. Walks the extensions as far as it can. */
    private boolean needsMoreThan(int limit) {
        if (bytes.getInt(4) > 2 && bytes.limit() < V3_MIN_BYTES) {
            return false;
        }
        long nameEnd = bytes.getLong(8) + Integer.toUnsignedLong(bytes.getInt(16));
        int headerBytes = bytes.getInt(4) == 2 ? V2_BYTES : bytes.getInt(100);
        if (nameEnd > limit || nameEnd < 0 || headerBytes < 0 || headerBytes > limit - 8) {
            return true;
        }
        int at = headerBytes;
        while (at <= limit - 8 && at <= bytes.limit() - 8) {
            int type = bytes.getInt(at);
            int length = bytes.getInt(at + 4);
            if (type == HeaderExtension.END) {
                return false;
            }
            if (length < 0 || length > limit) {
                return true;
            }
            at += HeaderExtension.PREFIX_BYTES + (length + 7) / 8 * 8;
        }
        return true;
    }

    private Header parse(int clusterBits) throws IOException {
        int version = bytes.getInt(4);
        Features features = Features.NONE;
        int refcountOrder = 4;
        int headerBytes = V2_BYTES;
        int compressionType = Header.COMPRESSION_DEFLATE;
        byte[] unknown = new byte[0];
        if (version >= 3) {
            if (bytes.limit() < V3_MIN_BYTES) {
                throw corrupt(
                        "qcow2 header too short", "header length", 100, "a file of at least 104 bytes", bytes.limit());
            }
            features = new Features(bytes.getLong(72), bytes.getLong(80), bytes.getLong(88));
            refcountOrder = bytes.getInt(96);
            headerBytes = bytes.getInt(100);
            if (headerBytes < V3_MIN_BYTES && headerBytes >= 0) {
                throw corrupt("qcow2 header too short", "header length", 100, "at least 104", headerBytes);
            }
            if (headerBytes < 0 || headerBytes > 1 << clusterBits) {
                throw corrupt(
                        "qcow2 header exceeds cluster size",
                        "header length",
                        100,
                        "at most " + (1 << clusterBits),
                        Integer.toUnsignedLong(headerBytes));
            }
            if (headerBytes > V3_MIN_BYTES && bytes.limit() > V3_MIN_BYTES) {
                compressionType = bytes.get(V3_MIN_BYTES) & 0xff;
            }
            if (headerBytes > V3_BYTES) {
                unknown = slice(V3_BYTES, headerBytes - V3_BYTES);
            }
        }
        String backing = backingName(clusterBits);
        int extensionsEnd = backing == null ? 1 << clusterBits : (int) bytes.getLong(8);
        List<HeaderExtension> extensions = extensions(headerBytes, extensionsEnd);
        checkFeatures(features, refcountOrder, compressionType, clusterBits, extensions);
        ClusterGeometry geometry = new ClusterGeometry(clusterBits, refcountOrder, features.hasExtendedL2());
        long virtualSize = bytes.getLong(24);
        int cryptMethod = bytes.getInt(32);
        if (cryptMethod < 0 || cryptMethod > Header.CRYPT_LUKS) {
            throw new StorageException("Unsupported encryption method " + Integer.toUnsignedString(cryptMethod));
        }
        return new Header(
                version,
                geometry,
                virtualSize,
                cryptMethod,
                l1(geometry, virtualSize),
                refcountTable(geometry),
                snapshots(geometry),
                features,
                compressionType,
                unknown,
                extensions,
                backing);
    }

    private void checkFeatures(
            Features features,
            int refcountOrder,
            int compressionType,
            int clusterBits,
            List<HeaderExtension> extensions)
            throws IOException {
        long unknown = features.incompatible() & ~Features.KNOWN_INCOMPATIBLE;
        if (unknown != 0) {
            HeaderExtension table = null;
            for (HeaderExtension extension : extensions) {
                table = extension.type() == HeaderExtension.FEATURE_NAMES ? extension : table;
            }
            throw new StorageException(
                    "Unsupported qcow2 feature(s): " + FeatureNames.describeIncompatible(unknown, table),
                    "open '" + file + "' with the program that made it");
        }
        if (refcountOrder < 0 || refcountOrder > ClusterGeometry.MAX_REFCOUNT_ORDER) {
            throw corrupt(
                    "Reference count entry width too large; may not exceed 64 bits",
                    "refcount order",
                    96,
                    "0 to 6",
                    Integer.toUnsignedLong(refcountOrder));
        }
        boolean typeBit = (features.incompatible() & Features.COMPRESSION_TYPE) != 0;
        if (compressionType > Header.COMPRESSION_ZSTD) {
            throw corrupt(
                    "qcow2: unknown compression type: " + compressionType,
                    "compression type",
                    104,
                    "0 or 1",
                    compressionType);
        }
        if (typeBit != (compressionType != Header.COMPRESSION_DEFLATE)) {
            throw corrupt(
                    typeBit
                            ? "qcow2: Compression type incompatible feature bit must not be set"
                            : "qcow2: Compression type incompatible feature bit must be set",
                    "compression type",
                    104,
                    typeBit ? "other than 0" : "0",
                    compressionType);
        }
        if (features.hasExtendedL2() && clusterBits < 14) {
            throw corrupt(
                    "Unsupported cluster size: 2^" + clusterBits,
                    "cluster bits",
                    20,
                    "at least 14 with extended L2 entries",
                    clusterBits);
        }
    }

    private @Nullable String backingName(int clusterBits) throws IOException {
        long offset = bytes.getLong(8);
        if (offset == 0) {
            return null;
        }
        int clusterBytes = 1 << clusterBits;
        if (offset < 0 || offset > clusterBytes) {
            throw corrupt("Invalid backing file offset", "backing file offset", 8, "at most " + clusterBytes, offset);
        }
        long length = Integer.toUnsignedLong(bytes.getInt(16));
        if (length > Math.min(Header.MAX_BACKING_NAME_BYTES, clusterBytes - offset)) {
            throw corrupt(
                    "Backing file name too long",
                    "backing file name length",
                    16,
                    "at most " + Math.min(Header.MAX_BACKING_NAME_BYTES, clusterBytes - offset),
                    length);
        }
        return length == 0 ? null : StoredText.of(slice((int) offset, (int) length));
    }

    private List<HeaderExtension> extensions(int start, int end) throws IOException {
        List<HeaderExtension> found = new ArrayList<>();
        int at = start;
        while (at + HeaderExtension.PREFIX_BYTES <= end && at + HeaderExtension.PREFIX_BYTES <= bytes.limit()) {
            int type = bytes.getInt(at);
            long length = Integer.toUnsignedLong(bytes.getInt(at + 4));
            if (type == HeaderExtension.END) {
                break;
            }
            at += HeaderExtension.PREFIX_BYTES;
            if (length > end - at) {
                throw corrupt(
                        "Header extension too large",
                        "header extension length",
                        at - 4,
                        "at most " + (end - at),
                        length);
            }
            found.add(new HeaderExtension(type, slice(at, (int) length)));
            at += (int) (length + 7) / 8 * 8;
        }
        return List.copyOf(found);
    }

    private TableLocation l1(ClusterGeometry geometry, long virtualSize) throws IOException {
        long entries = Integer.toUnsignedLong(bytes.getInt(36));
        long offset = bytes.getLong(40);
        int max = Header.MAX_L1_BYTES / ClusterGeometry.TABLE_ENTRY_BYTES;
        if (entries > max) {
            throw corrupt("Active L1 table too large", "L1 table size", 36, "at most " + max, entries);
        }
        checkOffset("Active L1 table offset invalid", "L1 table offset", 40, offset, entries * 8, geometry);
        if (virtualSize < 0 || geometry.l1EntriesFor(virtualSize) > max) {
            throw corrupt("Image is too big", "size", 24, "at most " + max + " L1 entries", virtualSize);
        }
        long needed = geometry.l1EntriesFor(virtualSize);
        if (entries < needed) {
            throw corrupt("L1 table is too small", "L1 table size", 36, "at least " + needed, entries);
        }
        return new TableLocation(offset, (int) entries);
    }

    private TableLocation refcountTable(ClusterGeometry geometry) throws IOException {
        long clusters = Integer.toUnsignedLong(bytes.getInt(56));
        long offset = bytes.getLong(48);
        int max = Header.MAX_REFCOUNT_TABLE_BYTES >> geometry.clusterBits();
        if (clusters == 0 && !forRepair) {
            throw corrupt(
                    "Image does not contain a reference count table", "refcount table clusters", 56, "at least 1", 0);
        }
        if (clusters > Math.max(1, max)) {
            throw corrupt("Reference count table too large", "refcount table clusters", 56, "at most " + max, clusters);
        }
        checkOffset(
                "Reference count table offset invalid",
                "refcount table offset",
                48,
                offset,
                clusters << geometry.clusterBits(),
                geometry);
        return new TableLocation(offset, (int) clusters);
    }

    private TableLocation snapshots(ClusterGeometry geometry) throws IOException {
        long count = Integer.toUnsignedLong(bytes.getInt(60));
        long offset = bytes.getLong(64);
        if (count > Header.MAX_SNAPSHOTS && (!forRepair || count > Integer.MAX_VALUE)) {
            throw corrupt("Snapshot table too large", "snapshot count", 60, "at most " + Header.MAX_SNAPSHOTS, count);
        }
        if (count > 0) {
            checkOffset("Snapshot table offset invalid", "snapshot table offset", 64, offset, count * 40, geometry);
        }
        return new TableLocation(offset, (int) count);
    }

    private void checkOffset(
            String message, String structure, int at, long offset, long lengthBytes, ClusterGeometry geometry)
            throws IOException {
        if (geometry.offsetInCluster(offset) != 0 || offset < 0 || offset > Long.MAX_VALUE - lengthBytes) {
            throw corrupt(message, structure, at, "a multiple of " + geometry.clusterBytes(), offset);
        }
    }

    private byte[] slice(int offset, int length) throws IOException {
        byte[] part = new byte[length];
        if (length > bytes.limit() - offset) {
            throw corrupt("Could not read qcow2 header", "header", offset, length + " bytes", bytes.limit() - offset);
        }
        bytes.get(offset, part);
        return part;
    }

    private CorruptImageException corrupt(String message, String structure, int at, String expected, long found) {
        return new CorruptImageException(message, file, structure, at, expected, Long.toUnsignedString(found));
    }
}
