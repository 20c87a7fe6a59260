// SPDX-License-Identifier: Apache-2.0
package io.jvirt.storage.qcow2;

import io.jvirt.storage.file.ByteStore;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Slices of tables (L2 tables or refcount blocks) in memory, at most a fixed number of them. A slice is valid until the
 * next call here: the least recently used one makes room. Not thread-safe; the image's table lock guards it.
 */
final class TableCache {
    /** Writes everything that is dirty, in the order that the format's consistency asks for. */
    @FunctionalInterface
    interface WriteBack {
        void run() throws IOException;
    }

    /** A piece of a table. */
    static final class Slice {
        final long hostOffset;
        final ByteBuffer bytes;
        private boolean dirty;

        Slice(long hostOffset, ByteBuffer bytes) {
            this.hostOffset = hostOffset;
            this.bytes = bytes;
        }
    }

    private final ByteStore file;
    private final int sliceBytes;
    private final int maxSlices;
    private final WriteBack writeBack;
    private final LinkedHashMap<Long, Slice> slices = new LinkedHashMap<>(16, 0.75f, true);
    private int dirtyCount;
    private @Nullable Slice last;

    TableCache(ByteStore file, int sliceBytes, int maxSlices, WriteBack writeBack) {
        this.file = file;
        this.sliceBytes = sliceBytes;
        this.maxSlices = maxSlices;
        this.writeBack = writeBack;
    }

    int sliceBytes() {
        return sliceBytes;
    }

    boolean isDirty() {
        return dirtyCount > 0;
    }

    /** The slice at this offset, a multiple of the slice size. */
    Slice get(long hostOffset) throws IOException {
        Slice previous = last;
        if (previous != null && previous.hostOffset == hostOffset) {
            return previous;
        }
        Slice present = slices.get(hostOffset);
        if (present != null) {
            last = present;
            return present;
        }
        ByteBuffer bytes = slices.size() >= maxSlices ? evict() : ByteBuffer.allocate(sliceBytes);
        file.read(hostOffset, bytes.clear());
        Slice slice = new Slice(hostOffset, bytes.clear());
        slices.put(hostOffset, slice);
        last = slice;
        return slice;
    }

    private ByteBuffer evict() throws IOException {
        Slice eldest = slices.values().iterator().next();
        if (eldest.dirty) {
            writeBack.run();
        }
        slices.remove(eldest.hostOffset);
        last = null;
        return eldest.bytes;
    }

    void markDirty(Slice slice) {
        if (!slice.dirty) {
            slice.dirty = true;
            dirtyCount++;
        }
    }

    /** Writes the dirty slices in the order of the file; neighbours one after the other. */
    void writeDirty() throws IOException {
        if (dirtyCount == 0) {
            return;
        }
        List<Slice> dirty = new ArrayList<>(dirtyCount);
        for (Slice slice : slices.values()) {
            if (slice.dirty) {
                dirty.add(slice);
            }
        }
        dirty.sort(Comparator.comparingLong(slice -> slice.hostOffset));
        for (Slice slice : dirty) {
            file.write(slice.hostOffset, slice.bytes.clear());
            slice.bytes.clear();
            slice.dirty = false;
            dirtyCount--;
        }
    }

    /** Forgets what was cached of a range that is no table any more, written or not. */
    void forget(long hostOffset, long lengthBytes) {
        last = null;
        Iterator<Map.Entry<Long, Slice>> all = slices.entrySet().iterator();
        while (all.hasNext()) {
            Slice slice = all.next().getValue();
            if (slice.hostOffset >= hostOffset && slice.hostOffset < hostOffset + lengthBytes) {
                if (slice.dirty) {
                    dirtyCount--;
                }
                all.remove();
            }
        }
    }
}
