// SPDX-License-Identifier: Apache-2.0
package io.jvirt.storage.copy;

import io.jvirt.storage.StorageException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.NavigableMap;
import java.util.TreeMap;

/**
 * The metadata of an image that is not written yet, in memory: about 1/8192 of its data with clusters of 64 KiB. Once
 * sealed it takes no new content, and a write that differs from what was recorded is an error.
 */
final class RecordedTables extends WriteOnlyStore {
    private final NavigableMap<Long, byte[]> byOffset = new TreeMap<>();
    private boolean sealed;

    /** The pieces that were written, by their host offset. */
    NavigableMap<Long, byte[]> byOffset() {
        return byOffset;
    }

    void seal() {
        sealed = true;
    }

    @Override
    public String name() {
        return "tables";
    }

    @Override
    public long sizeBytes() {
        return byOffset.isEmpty()
                ? 0
                : byOffset.lastKey() + byOffset.lastEntry().getValue().length;
    }

    @Override
    public void write(long hostOffset, ByteBuffer source) throws IOException {
        byte[] piece = new byte[source.remaining()];
        source.get(piece);
        if (!sealed) {
            byOffset.put(hostOffset, piece);
        } else if (!Arrays.equals(byOffset.get(hostOffset), piece)) {
            throw new StorageException(
                    "the source changed while it was read, so the image that was written is not whole",
                    "stop what writes the source, or convert a snapshot of it");
        }
    }
}
