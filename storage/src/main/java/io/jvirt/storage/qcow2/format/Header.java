// SPDX-License-Identifier: Apache-2.0
package io.jvirt.storage.qcow2.format;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A qcow2 header ("Header" in the specification): the fields of version 3, which in version 2 have their implied values.
 *
 * @param version 2 or 3
 * @param geometry cluster size, refcount width, L2 entry size
 * @param virtualSizeBytes what the guest sees
 * @param cryptMethod 0 none, 1 AES, 2 LUKS
 * @param l1 the active L1 table
 * @param refcountTable the refcount table; its length is in clusters
 * @param snapshots the snapshot table
 * @param features the three feature masks
 * @param compressionType 0 deflate, 1 zstd
 * @param unknownFields header bytes after the last field known here, kept as they are
 * @param extensions all extensions but the end mark, in the file's order
 * @param backingFile name of the backing file as stored, or null
 */
@SuppressWarnings("ArrayRecordComponent") // headers are not compared
public record Header(
        int version,
        ClusterGeometry geometry,
        long virtualSizeBytes,
        int cryptMethod,
        TableLocation l1,
        TableLocation refcountTable,
        TableLocation snapshots,
        Features features,
        int compressionType,
        byte[] unknownFields,
        List<HeaderExtension> extensions,
        @Nullable String backingFile) {

    public static final int MAGIC = 0x514649fb;
    public static final int V2_BYTES = 72;

    /** The shortest version 3 header: all fields up to and with the header length. */
    public static final int V3_MIN_BYTES = 104;

    /** With the compression type and its padding; what new images have. */
    public static final int V3_BYTES = 112;

    public static final int CRYPT_NONE = 0;
    public static final int CRYPT_AES = 1;
    public static final int CRYPT_LUKS = 2;
    public static final int COMPRESSION_DEFLATE = 0;
    public static final int COMPRESSION_ZSTD = 1;

    public static final int MAX_BACKING_NAME_BYTES = 1023;
    public static final int MAX_L1_BYTES = 32 << 20;
    public static final int MAX_REFCOUNT_TABLE_BYTES = 8 << 20;
    public static final int MAX_SNAPSHOTS = 65536;

    public @Nullable HeaderExtension extension(int type) {
        for (HeaderExtension extension : extensions) {
            if (extension.type() == type) {
                return extension;
            }
        }
        return null;
    }

    public @Nullable String extensionText(int type) {
        HeaderExtension extension = extension(type);
        return extension == null ? null : extension.text();
    }

    /** Where the format is stated twice, the last one holds. */
    public @Nullable String backingFormat() {
        for (int i = extensions.size() - 1; i >= 0; i--) {
            if (extensions.get(i).type() == HeaderExtension.BACKING_FORMAT) {
                return extensions.get(i).text();
            }
        }
        return null;
    }

    public @Nullable String dataFile() {
        return extensionText(HeaderExtension.DATA_FILE);
    }

    /** The same with this extension in place of the one of its type, or appended. */
    public Header withExtension(HeaderExtension extension) {
        List<HeaderExtension> changed = new ArrayList<>();
        boolean placed = false;
        for (HeaderExtension present : extensions) {
            if (present.type() != extension.type()) {
                changed.add(present);
            } else if (!placed) {
                changed.add(extension);
                placed = true;
            }
        }
        if (!placed) {
            changed.add(extension);
        }
        return withExtensions(changed);
    }

    public Header withoutExtension(int type) {
        List<HeaderExtension> changed = new ArrayList<>(extensions);
        changed.removeIf(extension -> extension.type() == type);
        return withExtensions(changed);
    }

    public Header withExtensions(List<HeaderExtension> changed) {
        return new Header(
                version,
                geometry,
                virtualSizeBytes,
                cryptMethod,
                l1,
                refcountTable,
                snapshots,
                features,
                compressionType,
                unknownFields,
                List.copyOf(changed),
                backingFile);
    }

    public Header withBackingFile(@Nullable String changed) {
        return new Header(
                version,
                geometry,
                virtualSizeBytes,
                cryptMethod,
                l1,
                refcountTable,
                snapshots,
                features,
                compressionType,
                unknownFields,
                extensions,
                changed);
    }

    /** The same with other names for the backing file and the file that has the data; null leaves one as it is. */
    public Header withNames(@Nullable String backing, @Nullable String dataFile) {
        Header changed = backing == null ? this : withBackingFile(backing);
        return dataFile == null
                ? changed
                : changed.withExtension(HeaderExtension.ofText(HeaderExtension.DATA_FILE, dataFile));
    }

    public Header withVirtualSize(long changed) {
        return with(version, geometry, changed, l1, refcountTable, snapshots, features);
    }

    public Header withL1(TableLocation changed) {
        return with(version, geometry, virtualSizeBytes, changed, refcountTable, snapshots, features);
    }

    public Header withRefcountTable(TableLocation changed) {
        return with(version, geometry, virtualSizeBytes, l1, changed, snapshots, features);
    }

    public Header withSnapshots(TableLocation changed) {
        return with(version, geometry, virtualSizeBytes, l1, refcountTable, changed, features);
    }

    public Header withFeatures(Features changed) {
        return with(version, geometry, virtualSizeBytes, l1, refcountTable, snapshots, changed);
    }

    public Header withVersion(int changed, ClusterGeometry changedGeometry, Features changedFeatures) {
        return with(changed, changedGeometry, virtualSizeBytes, l1, refcountTable, snapshots, changedFeatures);
    }

    public Header withCompressionType(int changed) {
        return new Header(
                version,
                geometry,
                virtualSizeBytes,
                cryptMethod,
                l1,
                refcountTable,
                snapshots,
                features,
                changed,
                unknownFields,
                extensions,
                backingFile);
    }

    private Header with(
            int newVersion,
            ClusterGeometry newGeometry,
            long newSize,
            TableLocation newL1,
            TableLocation newRefcountTable,
            TableLocation newSnapshots,
            Features newFeatures) {
        return new Header(
                newVersion,
                newGeometry,
                newSize,
                cryptMethod,
                newL1,
                newRefcountTable,
                newSnapshots,
                newFeatures,
                compressionType,
                unknownFields,
                extensions,
                backingFile);
    }
}
