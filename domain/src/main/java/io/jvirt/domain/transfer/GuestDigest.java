// SPDX-License-Identifier: Apache-2.0
package io.jvirt.domain.transfer;

import io.jvirt.storage.DiskImage;
import io.jvirt.storage.Extent;
import io.jvirt.storage.copy.CopyProgress;
import io.jvirt.storage.copy.DigestTree;
import io.jvirt.storage.copy.ImageDigest;
import io.jvirt.storage.file.PageBuffer;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** The digest of what a guest sees of an image, from the hashes of its files' blocks where they are known. */
public final class GuestDigest {
    private static final int LEAF_BYTES = DigestTree.LEAF_BYTES;
    private static final int THREADS = 2;

    /** So much of the map is known at a time: extents take memory. */
    private static final long WINDOW_BYTES = 1L << 32;

    private final DiskImage image;
    private final DigestTree tree;
    private final DigestTree.Hasher hasher = new DigestTree.Hasher();
    private final ByteBuffer block = PageBuffer.allocate(LEAF_BYTES).order(ByteOrder.nativeOrder());
    private final Map<String, FileHashes> files = new HashMap<>();
    private long next;

    private GuestDigest(DiskImage image) {
        this.image = image;
        this.tree = new DigestTree(image.sizeBytes());
    }

    /** As 64 hexadecimal digits. */
    public static String of(DiskImage image, Path path) throws IOException {
        return FileHashes.of(path) == null
                ? ImageDigest.of(image, THREADS, CopyProgress.NONE)
                : new GuestDigest(image).run();
    }

    private String run() throws IOException {
        long size = image.sizeBytes();
        for (long from = 0; from < size; from += WINDOW_BYTES) {
            List<Extent> extents = new ArrayList<>();
            image.map(from, Math.min(WINDOW_BYTES, size - from), extents::add);
            for (Extent extent : extents) {
                add(extent);
            }
        }
        if (next * LEAF_BYTES < size) {
            read(next);
        }
        return tree.hex();
    }

    /** The blocks that lie in it; one that it shares with the extent before it is read. */
    private void add(Extent extent) throws IOException {
        long first = (extent.guestOffset() + LEAF_BYTES - 1) / LEAF_BYTES;
        long end = extent.endOffset() / LEAF_BYTES;
        if (end >= first && next < first) {
            read(next);
            next = first;
        }
        FileHashes hashes = hashesOf(extent);
        long shift = extent.hostOffset() - extent.guestOffset();
        for (; next < end; next++) {
            if (extent.kind().readsAsZero()) {
                continue;
            }
            if (hashes == null || shift % LEAF_BYTES != 0) {
                read(next);
                continue;
            }
            byte[] hash = hashes.hash(FileHashes.blockOf(next * LEAF_BYTES + shift));
            if (hash != null) {
                tree.add(next, hash);
            }
        }
    }

    private @Nullable FileHashes hashesOf(Extent extent) throws IOException {
        String file = extent.file();
        if (file == null || extent.kind() != Extent.Kind.DATA || extent.hostOffset() < 0) {
            return null;
        }
        FileHashes known = files.get(file);
        if (known == null) {
            known = FileHashes.of(Path.of(file));
            if (known != null) {
                files.put(file, known);
            }
        }
        return known;
    }

    private void read(long leaf) throws IOException {
        int length = (int) Math.min(LEAF_BYTES, image.sizeBytes() - leaf * LEAF_BYTES);
        image.read(leaf * LEAF_BYTES, block.clear().limit(length));
        byte[] hash = hasher.leaf(block, 0, length);
        if (hash != null) {
            tree.add(leaf, hash);
        }
    }
}
