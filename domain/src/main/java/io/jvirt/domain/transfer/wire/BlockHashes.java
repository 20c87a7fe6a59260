// SPDX-License-Identifier: Apache-2.0
package io.jvirt.domain.transfer.wire;

import io.jvirt.domain.transfer.Content;
import io.jvirt.storage.copy.DigestTree;
import java.io.IOException;

/** Reads what a store holds and hashes its blocks, in order; blocks of zeros are left out. */
final class BlockHashes {
    static final int BLOCK_BYTES = DigestTree.LEAF_BYTES;

    private BlockHashes() {}

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

    static void visit(Content content, long from, long to, Visitor visitor, Far far) throws IOException {
        try (BlockReader reader = new BlockReader(content, from, to, null)) {
            for (Chunk chunk = reader.next(); chunk != null; chunk = reader.next()) {
                for (int i = 0; i < chunk.blocks(); i++) {
                    byte[] hash = chunk.hashes()[i];
                    if (hash != null) {
                        visitor.block(chunk.index(i), hash);
                    }
                }
                long end = chunk.offset() + chunk.length();
                reader.giveBack(chunk);
                far.at(end);
            }
        }
    }

    static long roundUp(long offset) {
        return (offset + BLOCK_BYTES - 1) / BLOCK_BYTES * BLOCK_BYTES;
    }
}
