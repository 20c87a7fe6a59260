// SPDX-License-Identifier: Apache-2.0
package io.jvirt.storage.qcow2.check;

import io.jvirt.storage.StorageException;
import io.jvirt.storage.file.ByteStore;
import java.io.IOException;

/**
 * Bounds the work of walking tables. Every table may refer to every other, so that a small file can ask for years of work;
 * no image that a program wrote comes near the limit. Tables in holes of the file, which read as zeros, cost nothing.
 */
final class WalkBudget {
    private static final long MAX_ENTRIES = 1L << 30;

    private final ByteStore store;
    private long spent;
    private long holeStart;
    private long holeEnd;
    private long dataStart;
    private long dataEnd;

    WalkBudget(ByteStore store) {
        this.store = store;
    }

    void spend(long entries) throws StorageException {
        spent += entries;
        if (spent > MAX_ENTRIES) {
            throw new StorageException(
                    "'" + store.name() + "': its tables refer to each other too often to follow them all",
                    "convert the image to a new one");
        }
    }

    boolean isHole(long offset, long lengthBytes) throws IOException {
        long end = offset + lengthBytes;
        if (offset >= holeStart && end <= holeEnd) {
            return true;
        }
        if (offset >= dataStart && offset < dataEnd) {
            return false;
        }
        long data = store.nextData(offset);
        if (data > offset) {
            holeStart = offset;
            holeEnd = data >= store.sizeBytes() ? Long.MAX_VALUE : data;
            return end <= holeEnd;
        }
        dataStart = offset;
        dataEnd = store.nextHole(offset);
        return false;
    }
}
