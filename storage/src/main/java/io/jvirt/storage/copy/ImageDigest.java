// SPDX-License-Identifier: Apache-2.0
package io.jvirt.storage.copy;

import io.jvirt.storage.DiskImage;
import io.jvirt.storage.copy.RunSplitter.Action;
import io.jvirt.storage.file.PageBuffer;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import org.jspecify.annotations.Nullable;

/** The {@link DigestTree} of an image's guest-visible content. */
public final class ImageDigest {
    private static final int LEAF_BYTES = DigestTree.LEAF_BYTES;
    private static final int READ_BYTES = 512 << 10;
    private static final int QUEUED_PER_THREAD = 256;

    private final DiskImage image;
    private final CopyProgress progress;
    private final DigestTree tree;

    private ImageDigest(DiskImage image, CopyProgress progress) {
        this.image = image;
        this.progress = progress;
        this.tree = new DigestTree(image.sizeBytes());
    }

    /** The digest as 64 hexadecimal digits. */
    public static String of(DiskImage image, int threads, CopyProgress progress) throws IOException {
        return new ImageDigest(image, progress).run(threads);
    }

    private String run(int threads) throws IOException {
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
        return tree.hex();
    }

    private void work(RunQueue<Run> queue) throws IOException {
        ByteBuffer data = PageBuffer.allocate(READ_BYTES).order(ByteOrder.nativeOrder());
        byte[] @Nullable [] hashes = new byte[READ_BYTES / LEAF_BYTES][];
        DigestTree.Hasher hasher = new DigestTree.Hasher();
        for (Run run = queue.take(); run != null; run = queue.take()) {
            int length = (int) run.lengthBytes();
            image.read(run.guestOffset(), data.clear().limit(length));
            int leaves = (length + LEAF_BYTES - 1) / LEAF_BYTES;
            for (int i = 0; i < leaves; i++) {
                int from = i * LEAF_BYTES;
                hashes[i] = hasher.leaf(data, from, Math.min(LEAF_BYTES, length - from));
            }
            queue.awaitTurn(run.ticket());
            for (int i = 0; i < leaves; i++) {
                byte[] hash = hashes[i];
                if (hash != null) {
                    tree.add(run.guestOffset() / LEAF_BYTES + i, hash);
                }
            }
            progress.done(run.endOffset(), image.sizeBytes());
            queue.turnDone();
        }
    }
}
