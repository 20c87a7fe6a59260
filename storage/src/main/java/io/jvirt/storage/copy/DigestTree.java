// SPDX-License-Identifier: Apache-2.0
package io.jvirt.storage.copy;

import io.jvirt.storage.DiskImage;
import io.jvirt.storage.file.PageBuffer;
import io.jvirt.storage.file.Sha256;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import org.jspecify.annotations.Nullable;

/**
 * The digest of a disk's content, made of its blocks' hashes; the same for the same content in any format.
 *
 * <p>It is a tree of SHA-256: a leaf is the hash of a block of 64 KiB (the last one filled up with zeros); blocks of
 * zeros have no leaf. A node covers 256 blocks and is the hash of its leaves' indexes (8 bytes, big-endian) and hashes in
 * order; a node without leaves is left out. The root is the hash of the text {@code jvirt-digest-1\n}, the disk's size (8
 * bytes, big-endian) and the nodes' indexes and hashes.
 */
public final class DigestTree {
    public static final int LEAF_BYTES = 64 << 10;

    private static final int LEAVES_PER_NODE = 256;
    private static final byte[] MAGIC = "jvirt-digest-1\n".getBytes(StandardCharsets.US_ASCII);

    private final MessageDigest root = sha256();
    private final MessageDigest node = sha256();
    private long nodeIndex = -1;

    /** @param sizeBytes of the disk; see {@link DiskImage#sizeBytes()} */
    public DigestTree(long sizeBytes) {
        root.update(MAGIC);
        update(root, sizeBytes);
    }

    /** Hashes blocks, one after the other; for one thread. */
    public static final class Hasher {
        private final Sha256 leaf = new Sha256();
        private final ByteBuffer block = PageBuffer.allocate(LEAF_BYTES);

        /**
         * The hash of {@code length} bytes from {@code from} on, filled up with zeros to a block; null where they are zeros.
         * The buffer has the machine's byte order; its position and limit are left alone. One outside of the heap is not
         * copied.
         */
        public byte @Nullable [] leaf(ByteBuffer data, int from, int length) {
            if (ZeroScan.isZero(data, from, length)) {
                return null;
            }
            if (data.isDirect() && length == LEAF_BYTES) {
                return leaf.hash(data, from, length);
            }
            block.put(0, data, from, length);
            for (int at = length; at < LEAF_BYTES; at++) {
                block.put(at, (byte) 0);
            }
            return leaf.hash(block, 0, LEAF_BYTES);
        }
    }

    /** Adds a block that is not zero; in ascending order. */
    public void add(long index, byte[] hash) {
        long belongsTo = index / LEAVES_PER_NODE;
        if (belongsTo != nodeIndex) {
            closeNode();
            nodeIndex = belongsTo;
        }
        update(node, index);
        node.update(hash);
    }

    /** The root; nothing can be added any more. */
    public byte[] bytes() {
        closeNode();
        return root.digest();
    }

    /** The root as 64 hexadecimal digits; nothing can be added any more. */
    public String hex() {
        return HexFormat.of().formatHex(bytes());
    }

    private void closeNode() {
        if (nodeIndex >= 0) {
            update(root, nodeIndex);
            root.update(node.digest());
            nodeIndex = -1;
        }
    }

    private static void update(MessageDigest digest, long value) {
        for (int shift = 56; shift >= 0; shift -= 8) {
            digest.update((byte) (value >>> shift));
        }
    }

    private static MessageDigest sha256() {
        try {
            return MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java has SHA-256", e);
        }
    }
}
