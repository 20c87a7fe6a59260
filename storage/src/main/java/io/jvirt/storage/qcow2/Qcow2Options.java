// SPDX-License-Identifier: Apache-2.0
package io.jvirt.storage.qcow2;

import io.jvirt.storage.StorageException;
import org.jspecify.annotations.Nullable;

/**
 * What a new qcow2 image is like; the names are those of {@code qemu-img create -o}.
 *
 * @param version 2 (compat=0.10) or 3 (compat=1.1)
 * @param clusterBytes a power of two, 512 to 2 MiB
 * @param refcountBits 1, 2, 4, 8, 16, 32 or 64
 * @param lazyRefcounts whether refcounts may be updated late
 * @param extendedL2 whether clusters have subclusters
 * @param zstd whether compressed clusters use zstd instead of deflate
 * @param backingFile name to store, or null
 * @param backingFormat format of the backing file to store, or null
 * @param dataFile name of an external data file to store, or null
 * @param dataFileRaw whether that file is to stay readable as a raw image
 */
public record Qcow2Options(
        int version,
        int clusterBytes,
        int refcountBits,
        boolean lazyRefcounts,
        boolean extendedL2,
        boolean zstd,
        @Nullable String backingFile,
        @Nullable String backingFormat,
        @Nullable String dataFile,
        boolean dataFileRaw) {

    private static final Qcow2Options DEFAULTS =
            new Qcow2Options(3, 65536, 16, false, false, false, null, null, null, false);

    public static Qcow2Options defaults() {
        return DEFAULTS;
    }

    public Qcow2Options withVersion(int changed) {
        return new Qcow2Options(
                changed,
                clusterBytes,
                refcountBits,
                lazyRefcounts,
                extendedL2,
                zstd,
                backingFile,
                backingFormat,
                dataFile,
                dataFileRaw);
    }

    public Qcow2Options withClusterBytes(int changed) {
        return new Qcow2Options(
                version,
                changed,
                refcountBits,
                lazyRefcounts,
                extendedL2,
                zstd,
                backingFile,
                backingFormat,
                dataFile,
                dataFileRaw);
    }

    public Qcow2Options withRefcountBits(int changed) {
        return new Qcow2Options(
                version,
                clusterBytes,
                changed,
                lazyRefcounts,
                extendedL2,
                zstd,
                backingFile,
                backingFormat,
                dataFile,
                dataFileRaw);
    }

    public Qcow2Options withLazyRefcounts(boolean changed) {
        return new Qcow2Options(
                version,
                clusterBytes,
                refcountBits,
                changed,
                extendedL2,
                zstd,
                backingFile,
                backingFormat,
                dataFile,
                dataFileRaw);
    }

    public Qcow2Options withExtendedL2(boolean changed) {
        return new Qcow2Options(
                version,
                clusterBytes,
                refcountBits,
                lazyRefcounts,
                changed,
                zstd,
                backingFile,
                backingFormat,
                dataFile,
                dataFileRaw);
    }

    public Qcow2Options withZstd(boolean changed) {
        return new Qcow2Options(
                version,
                clusterBytes,
                refcountBits,
                lazyRefcounts,
                extendedL2,
                changed,
                backingFile,
                backingFormat,
                dataFile,
                dataFileRaw);
    }

    public Qcow2Options withBacking(@Nullable String file, @Nullable String format) {
        return new Qcow2Options(
                version,
                clusterBytes,
                refcountBits,
                lazyRefcounts,
                extendedL2,
                zstd,
                file,
                format,
                dataFile,
                dataFileRaw);
    }

    public Qcow2Options withDataFile(@Nullable String file, boolean raw) {
        return new Qcow2Options(
                version,
                clusterBytes,
                refcountBits,
                lazyRefcounts,
                extendedL2,
                zstd,
                backingFile,
                backingFormat,
                file,
                raw);
    }

    /** Refuses what does not go together, in the words of qemu-img. */
    void check() throws StorageException {
        if (version != 2 && version != 3) {
            throw new StorageException("Invalid compatibility level: version " + version);
        }
        if (Integer.bitCount(clusterBytes) != 1 || clusterBytes < 512 || clusterBytes > 2 << 20) {
            throw new StorageException("Cluster size must be a power of two between 512 and 2048k");
        }
        if (refcountBits < 1 || refcountBits > 64 || Integer.bitCount(refcountBits) != 1) {
            throw new StorageException("Refcount width must be a power of two and may not exceed 64 bits");
        }
        if (version == 2) {
            refuse(
                    extendedL2,
                    "Extended L2 entries are only supported with compatibility level 1.1 and above (use version=v3 or greater)");
            refuse(
                    lazyRefcounts,
                    "Lazy refcounts only supported with compatibility level 1.1 and above (use version=v3 or greater)");
            refuse(
                    refcountBits != 16,
                    "Different refcount widths than 16 bits require compatibility level 1.1 or above (use version=v3 or greater)");
            refuse(
                    dataFile != null,
                    "External data files are only supported with compatibility level 1.1 and above (use version=v3 or greater)");
            refuse(
                    zstd,
                    "Non-zlib compression type is only supported with compatibility level 1.1 and above (use version=v3 or greater)");
        }
        refuse(
                extendedL2 && clusterBytes < 16384,
                "Extended L2 entries are only supported with cluster sizes of at least 16384 bytes");
        refuse(dataFileRaw && dataFile == null, "data-file-raw requires data-file");
        refuse(dataFileRaw && backingFile != null, "Backing file and data-file-raw cannot be used at the same time");
        refuse(backingFormat != null && backingFile == null, "Backing format cannot be used without backing file");
    }

    private static void refuse(boolean refused, String message) throws StorageException {
        if (refused) {
            throw new StorageException(message);
        }
    }
}
