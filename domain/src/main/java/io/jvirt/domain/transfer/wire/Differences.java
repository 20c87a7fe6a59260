// SPDX-License-Identifier: Apache-2.0
package io.jvirt.domain.transfer.wire;

import io.jvirt.domain.transfer.Payload;
import java.io.IOException;
import java.nio.ByteBuffer;

/** Finds where a copy is not equal: by its blocks' hashes, then in the block. */
final class Differences {
    private Differences() {}

    /** -1 where there is no difference after all. */
    static long first(WireSession session, Payload payload, long lengthBytes) throws IOException {
        Comparison theirs = new Comparison(session, payload, 0, lengthBytes);
        long found = -1;
        try (BlockReader reader = new BlockReader(payload, 0, lengthBytes, null)) {
            for (Chunk chunk = reader.next(); chunk != null && found < 0; chunk = reader.next()) {
                for (int i = 0; i < chunk.blocks() && found < 0; i++) {
                    long offset = chunk.offset() + chunk.startOf(i);
                    while (offset >= theirs.end() && found < 0) {
                        found = theirs.firstLeft(Long.MAX_VALUE);
                        theirs.next();
                    }
                    byte[] hash = chunk.hashes()[i];
                    if (found < 0) {
                        found = theirs.firstLeft(offset);
                    }
                    if (found < 0 && hash != null && theirs.differs(chunk.index(i), hash)) {
                        found = offset;
                    }
                }
                reader.giveBack(chunk);
            }
        }
        while (found < 0 && theirs.begin() < theirs.end()) {
            found = theirs.firstLeft(Long.MAX_VALUE);
            theirs.next();
        }
        theirs.drain();
        return found < 0 ? -1 : inBlock(session, payload, found);
    }

    private static long inBlock(WireSession session, Payload payload, long offset) throws IOException {
        ByteBuffer fields =
                ByteBuffer.allocate(Long.BYTES + Integer.BYTES).putLong(offset).putInt(BlockHashes.BLOCK_BYTES);
        session.send(Frame.READ, fields, ByteBuffer.allocate(0));
        ByteBuffer there = session.await(Frame.CONTENT).body();
        ByteBuffer here = ByteBuffer.allocate(there.remaining());
        payload.read(offset, here);
        int at = here.flip().mismatch(there);
        return offset + Math.max(0, at);
    }
}
