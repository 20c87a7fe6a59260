// SPDX-License-Identifier: Apache-2.0
package io.jvirt.storage.copy;

import io.jvirt.storage.DiskImage;
import io.jvirt.storage.copy.RunSplitter.Action;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;

/**
 * A digest of guest-visible content that is the same for the same content in any format.
 *
 * <p>It is a tree of SHA-256: a leaf is the hash of a block of 64 KiB (the last one filled up with zeros); blocks of
 * zeros have no leaf. A node covers 256 blocks and is the hash of its leaves' indexes (8 bytes, big-endian) and hashes in
 * order; a node without leaves is left out. The root is the hash of the text {@code jvirt-digest-1\n}, the disk's size (8
 * bytes, big-endian) and the nodes' indexes and hashes.
 */
public final class ImageDigest {
    private static final int LEAF_BYTES = 64 << 10;
    private static final int LEAVES_PER_NODE = 256;
    private static final int READ_BYTES = 512 << 10;
    private static final int QUEUED_PER_THREAD = 256;
    private static final byte[] MAGIC = "jvirt-digest-1\n".getBytes(StandardCharsets.US_ASCII);

    private final DiskImage image;
    private final CopyProgress progress;
    private final MessageDigest root = sha256();
    private final MessageDigest node = sha256();
    private long nodeIndex = -1;

    private ImageDigest(DiskImage image, CopyProgress progress) {
        this.image = image;
        this.progress = progress;
    }

    /** The digest as 64 hexadecimal digits. */
    public static String of(DiskImage image, int threads, CopyProgress progress) throws IOException {
        return new ImageDigest(image, progress).run(threads);
    }

    private String run(int threads) throws IOException {
        root.update(MAGIC);
        update(root, image.sizeBytes());
        RunQueue<Run> queue = new RunQueue<>(threads * QUEUED_PER_THREAD);
        RunSplitter splitter = new RunSplitter(LEAF_BYTES, READ_BYTES, image.sizeBytes(), queue::put);
        Workers.run(threads, queue, () -> work(queue), () -> {
            image.map(
                    0,
                    image.sizeBytes(),
                    extent -> splitter.add(
                            extent.guestOffset(),
                            extent.endOffset(),
                            extent.kind().readsAsZero() ? Action.SKIP : Action.READ));
            splitter.finish();
        });
        closeNode();
        StringBuilder hex = new StringBuilder();
        for (byte b : root.digest()) {
            hex.append(Character.forDigit(b >> 4 & 15, 16)).append(Character.forDigit(b & 15, 16));
        }
        return hex.toString();
    }

    private void work(RunQueue<Run> queue) throws IOException {
        ByteBuffer data = ByteBuffer.allocateDirect(READ_BYTES).order(ByteOrder.nativeOrder());
        byte[] block = new byte[LEAF_BYTES];
        byte[][] hashes = new byte[READ_BYTES / LEAF_BYTES][];
        MessageDigest leaf = sha256();
        for (Run run = queue.take(); run != null; run = queue.take()) {
            int length = (int) run.lengthBytes();
            image.read(run.guestOffset(), data.clear().limit(length));
            int leaves = (length + LEAF_BYTES - 1) / LEAF_BYTES;
            for (int i = 0; i < leaves; i++) {
                int from = i * LEAF_BYTES;
                int size = Math.min(LEAF_BYTES, length - from);
                if (ZeroScan.isZero(data, from, size)) {
                    hashes[i] = EMPTY;
                    continue;
                }
                data.get(from, block, 0, size);
                java.util.Arrays.fill(block, size, LEAF_BYTES, (byte) 0);
                hashes[i] = leaf.digest(block);
            }
            queue.awaitTurn(run.ticket());
            for (int i = 0; i < leaves; i++) {
                if (hashes[i].length > 0) {
                    addLeaf(run.guestOffset() / LEAF_BYTES + i, hashes[i]);
                }
            }
            progress.done(run.endOffset(), image.sizeBytes());
            queue.turnDone();
        }
    }

    private static final byte[] EMPTY = new byte[0];

    private void addLeaf(long index, byte[] hash) {
        long belongsTo = index / LEAVES_PER_NODE;
        if (belongsTo != nodeIndex) {
            closeNode();
            nodeIndex = belongsTo;
        }
        update(node, index);
        node.update(hash);
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
