// SPDX-License-Identifier: Apache-2.0
package io.jvirt.domain.transfer.wire;

import io.jvirt.storage.copy.DigestTree;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/** Reads what a store holds and hashes its blocks, in order; blocks of zeros are left out. */
final class BlockHashes {
    static final int BLOCK_BYTES = DigestTree.LEAF_BYTES;

    private static final int READ_BYTES = 512 << 10;

    /** Takes blocks. */
    @FunctionalInterface
    interface Visitor {
        void block(long index, byte[] hash) throws IOException;
    }

    /** Hears how far it is. */
    @FunctionalInterface
    interface Far {
        void at(long offset) throws IOException;
    }

    private final WireStore store;
    private final DigestTree.Hasher hasher = new DigestTree.Hasher();
    private final ByteBuffer data = ByteBuffer.allocateDirect(READ_BYTES).order(ByteOrder.nativeOrder());

    BlockHashes(WireStore store) {
        this.store = store;
    }

    boolean isOf(WireStore other) {
        return store == other;
    }

    void visit(long from, long to, Visitor visitor, Far far) throws IOException {
        long end = Math.min(to, store.lengthBytes());
        long at = from;
        while (at < end) {
            at = Math.max(at, store.nextData(at) / BLOCK_BYTES * BLOCK_BYTES);
            long hole = Math.min(end, roundUp(store.nextHole(at)));
            // A hole that begins inside of this block: the block is read as it is.
            hole = Math.min(end, Math.max(hole, at + BLOCK_BYTES));
            while (at < hole) {
                int part = (int) Math.min(READ_BYTES, hole - at);
                store.read(at, data.clear().limit(part));
                for (int i = 0; i < part; i += BLOCK_BYTES) {
                    byte[] hash = hasher.leaf(data, i, Math.min(BLOCK_BYTES, part - i));
                    if (hash != null) {
                        visitor.block((at + i) / BLOCK_BYTES, hash);
                    }
                }
                at += part;
            }
            far.at(Math.min(at, end));
        }
    }

    static long roundUp(long offset) {
        return (offset + BLOCK_BYTES - 1) / BLOCK_BYTES * BLOCK_BYTES;
    }
}
