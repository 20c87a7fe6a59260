// SPDX-License-Identifier: Apache-2.0
package io.jvirt.domain.transfer.wire;

import java.nio.ByteBuffer;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A part of a payload, read and hashed.
 *
 * @param offset a multiple of the block size
 * @param data from position 0 on
 * @param hashes of its blocks; null for blocks of zeros
 * @param parts what of it has to travel where all is new
 */
@SuppressWarnings("ArrayRecordComponent") // chunks are not compared
record Chunk(long offset, int length, ByteBuffer data, byte[] @Nullable [] hashes, List<Part> parts) {
    /**
     * Bytes that are not zero.
     *
     * @param packed its compressed form, where that is shorter, or null
     */
    record Part(int from, int length, @Nullable ByteBuffer packed) {}

    int blocks() {
        return (length + BlockHashes.BLOCK_BYTES - 1) / BlockHashes.BLOCK_BYTES;
    }

    long index(int block) {
        return offset / BlockHashes.BLOCK_BYTES + block;
    }

    /** Where a block begins in the data, and where it ends. */
    int startOf(int block) {
        return block * BlockHashes.BLOCK_BYTES;
    }

    int endOf(int block) {
        return Math.min(length, startOf(block) + BlockHashes.BLOCK_BYTES);
    }
}
