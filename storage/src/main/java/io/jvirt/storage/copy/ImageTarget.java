// SPDX-License-Identifier: Apache-2.0
package io.jvirt.storage.copy;

import io.jvirt.storage.DiskImage;
import io.jvirt.storage.file.HostFile;
import io.jvirt.storage.qcow2.Qcow2Image;
import io.jvirt.storage.raw.RawImage;
import java.io.IOException;
import java.nio.ByteBuffer;

/**
 * An open image as the target: raw files, devices, NBD exports, and qcow2 images that exist already or need the engine's
 * whole write path. In order, what is written is written in the order of the disk; otherwise as the threads come.
 */
final class ImageTarget implements CopyTarget {
    private final DiskImage image;
    private final int blockBytes;
    private final boolean inOrder;
    private final boolean zeroInitially;
    private final boolean unmap;

    /**
     * @param blockBytes the unit that may stay unwritten
     * @param zeroInitially the image reads as zeros wherever nothing is written
     * @param unmap zeros may be holes
     */
    ImageTarget(DiskImage image, int blockBytes, boolean inOrder, boolean zeroInitially, boolean unmap) {
        this.image = image;
        this.blockBytes = blockBytes;
        this.inOrder = inOrder;
        this.zeroInitially = zeroInitially;
        this.unmap = unmap;
    }

    @Override
    public int blockBytes() {
        return blockBytes;
    }

    @Override
    public boolean tryToShare(HostFile stored, long hostOffset, long guestOffset) throws IOException {
        return zeroInitially
                && !inOrder
                && blockBytes >= BlockSharing.BLOCK_BYTES
                && image instanceof RawImage raw
                && raw.store() instanceof HostFile file
                && file.cloneRange(guestOffset, stored, hostOffset, BlockSharing.BLOCK_BYTES);
    }

    @Override
    public Worker newWorker() {
        return new ImageWorker();
    }

    @Override
    public void finish() {}

    @Override
    public void close() {}

    private final class ImageWorker implements Worker {
        private ByteBuffer data = ByteBuffer.allocate(0);
        private boolean[] wanted = new boolean[0];

        @Override
        public void prepare(Run run, ByteBuffer runData, boolean[] runWanted) {
            data = runData;
            wanted = runWanted;
        }

        @Override
        public void place(Run run) throws IOException {
            if (inOrder) {
                write(run);
            }
        }

        @Override
        public void store(Run run, ByteBuffer runData) throws IOException {
            if (!inOrder) {
                write(run);
            }
        }

        @Override
        public void share(Run run, StoredRange stored) throws IOException {
            HostFile file = (HostFile) ((RawImage) image).store();
            stored.place(0, run.lengthBytes(), file, run.guestOffset());
        }

        private void write(Run run) throws IOException {
            if (run.zero()) {
                zero(run.guestOffset(), run.lengthBytes());
                return;
            }
            int length = (int) run.lengthBytes();
            int from = 0;
            while (from < length) {
                boolean store = wanted[from / blockBytes];
                int to = from;
                while (to < length && wanted[to / blockBytes] == store) {
                    to = Math.min(length, to - to % blockBytes + blockBytes);
                }
                if (store) {
                    image.write(
                            run.guestOffset() + from, data.duplicate().limit(to).position(from));
                } else {
                    zero(run.guestOffset() + from, to - from);
                }
                from = to;
            }
        }

        private void zero(long guestOffset, long lengthBytes) throws IOException {
            if (zeroInitially) {
                return;
            }
            if (unmap && image instanceof Qcow2Image qcow2 && qcow2.hasZeroClusters()) {
                // As the peer: the map of the target then says that they were written.
                qcow2.markZero(guestOffset, lengthBytes);
            } else {
                image.zero(guestOffset, lengthBytes, unmap);
            }
        }
    }
}
