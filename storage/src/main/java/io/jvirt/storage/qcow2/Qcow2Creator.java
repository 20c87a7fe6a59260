// SPDX-License-Identifier: Apache-2.0
package io.jvirt.storage.qcow2;

import io.jvirt.storage.Preallocation;
import io.jvirt.storage.StorageException;
import io.jvirt.storage.file.ByteStore;
import io.jvirt.storage.file.PageBuffer;
import io.jvirt.storage.qcow2.format.ClusterGeometry;
import io.jvirt.storage.qcow2.format.FeatureNames;
import io.jvirt.storage.qcow2.format.Features;
import io.jvirt.storage.qcow2.format.Header;
import io.jvirt.storage.qcow2.format.HeaderExtension;
import io.jvirt.storage.qcow2.format.HeaderWriter;
import io.jvirt.storage.qcow2.format.L2Entry;
import io.jvirt.storage.qcow2.format.RefcountBlock;
import io.jvirt.storage.qcow2.format.TableLocation;
import io.jvirt.storage.raw.RawCreator;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Writes a new image: every table whole, in large pieces, the header last. */
public final class Qcow2Creator {
    private static final int CHUNK_BYTES = 1 << 20;

    private final ByteStore file;
    private final @Nullable ByteStore dataFile;
    private final Qcow2Options options;
    private final long virtualSizeBytes;
    private final Preallocation preallocation;
    private final ClusterGeometry geometry;

    private Qcow2Creator(
            ByteStore file,
            @Nullable ByteStore dataFile,
            Qcow2Options options,
            long virtualSizeBytes,
            Preallocation preallocation) {
        this.file = file;
        this.dataFile = dataFile;
        this.options = options;
        this.virtualSizeBytes = virtualSizeBytes;
        this.preallocation = preallocation;
        this.geometry = geometryOf(options);
    }

    /**
     * Fills an empty file. The external data file is one that the caller made where {@code options} names one.
     *
     * @throws StorageException where the options do not go together, in qemu-img's words
     */
    public static void create(
            ByteStore file,
            @Nullable ByteStore dataFile,
            Qcow2Options options,
            long virtualSizeBytes,
            Preallocation preallocation)
            throws IOException {
        checkOptions(options, virtualSizeBytes, preallocation);
        // A raw data file must be readable without the metadata, so every cluster is mapped from the start.
        Preallocation effective =
                options.dataFileRaw() && preallocation == Preallocation.OFF ? Preallocation.METADATA : preallocation;
        long rounded = (virtualSizeBytes + 511) / 512 * 512;
        new Qcow2Creator(file, dataFile, options, rounded, effective).write();
    }

    /** What {@link #create} would refuse, before any file is touched. */
    public static void checkOptions(Qcow2Options options, long virtualSizeBytes, Preallocation preallocation)
            throws StorageException {
        options.check();
        if (virtualSizeBytes < 0 || virtualSizeBytes > Long.MAX_VALUE - 511) {
            throw new StorageException("Image size must be less than 8 EiB!");
        }
        if (preallocation != Preallocation.OFF && options.backingFile() != null && !options.extendedL2()) {
            throw new StorageException(
                    "Backing file and preallocation can only be used at the same time if extended_l2 is enabled");
        }
        CreateLayout.plan(
                geometryOf(options),
                virtualSizeBytes,
                preallocation != Preallocation.OFF || options.dataFileRaw(),
                options.dataFile() != null);
    }

    static ClusterGeometry geometryOf(Qcow2Options options) {
        return new ClusterGeometry(
                Integer.numberOfTrailingZeros(options.clusterBytes()),
                Integer.numberOfTrailingZeros(options.refcountBits()),
                options.extendedL2());
    }

    /** The header of a new image, with its tables where the caller puts them. */
    public static Header header(
            Qcow2Options options, long virtualSizeBytes, TableLocation l1, TableLocation refcountTable) {
        long incompatible = (options.dataFile() != null ? Features.EXTERNAL_DATA_FILE : 0)
                | (options.zstd() ? Features.COMPRESSION_TYPE : 0)
                | (options.extendedL2() ? Features.EXTENDED_L2 : 0);
        Features features = new Features(
                incompatible,
                options.lazyRefcounts() ? Features.LAZY_REFCOUNTS : 0,
                options.dataFileRaw() ? Features.RAW_EXTERNAL_DATA : 0);
        List<HeaderExtension> extensions = new ArrayList<>();
        if (options.backingFormat() != null) {
            extensions.add(HeaderExtension.ofText(HeaderExtension.BACKING_FORMAT, options.backingFormat()));
        }
        if (options.dataFile() != null) {
            extensions.add(HeaderExtension.ofText(HeaderExtension.DATA_FILE, options.dataFile()));
        }
        if (options.version() >= 3 && options.clusterBytes() >= FeatureNames.FROM_CLUSTER_BYTES) {
            extensions.add(FeatureNames.table());
        }
        return new Header(
                options.version(),
                geometryOf(options),
                virtualSizeBytes,
                Header.CRYPT_NONE,
                l1,
                refcountTable,
                TableLocation.NONE,
                features,
                options.zstd() ? Header.COMPRESSION_ZSTD : Header.COMPRESSION_DEFLATE,
                new byte[0],
                extensions,
                options.backingFile());
    }

    private void write() throws IOException {
        boolean preallocated = preallocation != Preallocation.OFF;
        CreateLayout layout = CreateLayout.plan(geometry, virtualSizeBytes, preallocated, dataFile != null);
        Header header = header(
                options,
                virtualSizeBytes,
                new TableLocation(layout.l1Offset(), (int) layout.l1Entries()),
                new TableLocation(layout.refcountTableOffset(), (int) layout.refcountTableClusters()));
        ByteBuffer headerCluster = HeaderWriter.encode(header);
        prepareSpace(layout);
        writeRefcountTable(layout);
        writeRefcountBlocks(layout);
        writeL1(layout);
        if (preallocated) {
            writeL2Tables(layout);
        }
        file.write(0, headerCluster);
    }

    private void prepareSpace(CreateLayout layout) throws IOException {
        long l1End = layout.l1Offset() + layout.l1Entries() * ClusterGeometry.TABLE_ENTRY_BYTES;
        long end = preallocation == Preallocation.OFF ? l1End : layout.totalClusters() << geometry.clusterBits();
        if (dataFile != null) {
            file.truncate(end);
            RawCreator.create(dataFile, virtualSizeBytes, preallocation);
            return;
        }
        // L2 tables and data: to set aside what the tables before them leave free only makes more extents.
        long from = layout.l2Offset();
        Preallocation wanted = end > from ? preallocation : Preallocation.OFF;
        switch (wanted) {
            case OFF, METADATA -> file.truncate(end);
            case FALLOC -> file.allocate(from, end - from);
            case FULL -> {
                file.allocate(from, end - from);
                file.writeZeros(layout.dataOffset(), end - layout.dataOffset());
            }
        }
    }

    private void writeRefcountTable(CreateLayout layout) throws IOException {
        int perCluster = geometry.clusterBytes() / ClusterGeometry.TABLE_ENTRY_BYTES;
        writeEntries(
                layout.refcountTableOffset(),
                ClusterGeometry.TABLE_ENTRY_BYTES,
                layout.refcountBlocksOffset(),
                layout.refcountBlocks(),
                // The first cluster in full, as QEMU does: with many holes the image would pass for a preallocated one.
                perCluster,
                layout.refcountTableClusters() * perCluster);
    }

    private void writeRefcountBlocks(CreateLayout layout) throws IOException {
        int blockBytes = geometry.clusterBytes();
        int blocksPerChunk = Math.max(1, CHUNK_BYTES / blockBytes);
        int entries = geometry.refcountBlockEntries();
        ByteBuffer block = ByteBuffer.allocate(blockBytes);
        RefcountBlock.setOnes(block, 0, entries, geometry.refcountOrder());
        ByteBuffer full = PageBuffer.allocate(blockBytes * (int) Math.min(blocksPerChunk, layout.refcountBlocks()));
        while (full.hasRemaining()) {
            full.put(block.clear());
        }
        long fullBlocks = layout.totalClusters() / entries;
        long at = layout.refcountBlocksOffset();
        for (long i = 0; i < fullBlocks; i += blocksPerChunk) {
            full.clear().limit(blockBytes * (int) Math.min(blocksPerChunk, fullBlocks - i));
            at += full.remaining();
            file.write(at - full.remaining(), full);
        }
        int rest = (int) (layout.totalClusters() % entries);
        if (rest > 0) {
            ByteBuffer last = ByteBuffer.allocate(blockBytes);
            RefcountBlock.setOnes(last, 0, rest, geometry.refcountOrder());
            file.write(at, last.clear());
        }
    }

    private void writeL1(CreateLayout layout) throws IOException {
        if (layout.l2Tables() > 0) {
            writeEntries(
                    layout.l1Offset(),
                    ClusterGeometry.TABLE_ENTRY_BYTES,
                    layout.l2Offset() | L2Entry.COPIED,
                    layout.l1Entries(),
                    0,
                    layout.l1Entries());
        } else if (file.isDevice()) {
            // What was on the device before must not pass for a table.
            file.zeroRange(layout.l1Offset(), layout.l1Entries() * ClusterGeometry.TABLE_ENTRY_BYTES);
        } else if (layout.l1Entries() <= geometry.clusterBytes() / Long.BYTES) {
            file.writeZeros(layout.l1Offset(), layout.l1Entries() * ClusterGeometry.TABLE_ENTRY_BYTES);
        }
    }

    private void writeL2Tables(CreateLayout layout) throws IOException {
        long clusters = geometry.clustersFor(virtualSizeBytes);
        long base = dataFile != null ? 0 : layout.dataOffset();
        // Extended entries get their host cluster and no allocated subcluster, so that a backing file stays visible.
        writeEntries(
                layout.l2Offset(),
                geometry.l2EntryBytes(),
                base | L2Entry.COPIED,
                clusters,
                0,
                layout.l2Tables() * geometry.l2Entries());
    }

    /**
     * Writes entries of which the first {@code count} name one cluster after the other and the others nothing, up to {@code total};
     * zeros at the end that the file already has are left out, as far as {@code least} allows.
     */
    private void writeEntries(long hostOffset, int entryBytes, long first, long count, long least, long total)
            throws IOException {
        long written = file.isDevice() ? total : Math.max(count, least);
        int words = entryBytes / Long.BYTES;
        int perChunk = (int) Math.max(1, Math.min(CHUNK_BYTES / entryBytes, written));
        long[] values = new long[perChunk * words];
        ByteBuffer chunk = PageBuffer.allocate(perChunk * entryBytes);
        for (long i = 0; i < written; i += perChunk) {
            int used = (int) Math.min(perChunk, written - i) * words;
            int named = (int) Math.max(0, Math.min(perChunk, count - i)) * words;
            fill(values, words, named, first + (i << geometry.clusterBits()));
            Arrays.fill(values, named, used, 0);
            // In one go: its bytes are swapped outside of Java.
            chunk.clear().asLongBuffer().put(values, 0, used);
            file.write(hostOffset + i * entryBytes, chunk.limit(used * Long.BYTES));
        }
    }

    /** A method of its own, so that each call after the first runs as compiled. */
    private void fill(long[] values, int words, int end, long first) {
        long entry = first;
        for (int at = 0; at < end; at += words) {
            values[at] = entry;
            entry += geometry.clusterBytes();
        }
    }
}
