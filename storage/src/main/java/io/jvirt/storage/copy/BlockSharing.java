// SPDX-License-Identifier: Apache-2.0
package io.jvirt.storage.copy;

import io.jvirt.storage.DiskImage;
import io.jvirt.storage.Extent;
import io.jvirt.storage.file.HostFile;
import java.io.Closeable;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Finds what a new file can share with the source's files (reflink: xfs, btrfs). Shared blocks are neither read nor
 * written; a later write to either file gets a block of its own.
 */
final class BlockSharing implements Closeable {
    /** What a file system shares at least; larger ones refuse, and then the run is copied. */
    static final int BLOCK_BYTES = 4096;

    private final DiskImage source;
    private final CopyTarget target;
    private final Map<String, @Nullable HostFile> files = new HashMap<>();

    BlockSharing(DiskImage source, CopyTarget target) {
        this.source = source;
        this.target = target;
    }

    /** Where the extent's bytes from {@code guestOffset} on can be shared from, or null where they must be read. */
    @Nullable
    StoredRange rangeOf(Extent extent, long guestOffset) throws IOException {
        String name = extent.file();
        if (name == null || extent.kind() != Extent.Kind.DATA || extent.hostOffset() < 0) {
            return null;
        }
        long hostOffset = extent.hostOffset() + (guestOffset - extent.guestOffset());
        if (hostOffset % BLOCK_BYTES != 0) {
            return null;
        }
        HostFile file = file(name, hostOffset, guestOffset);
        return file != null && holds(file, hostOffset, guestOffset) ? new StoredRange(file, hostOffset) : null;
    }

    private @Nullable HostFile file(String name, long hostOffset, long guestOffset) throws IOException {
        if (!files.containsKey(name)) {
            files.put(name, open(name, hostOffset, guestOffset));
        }
        return files.get(name);
    }

    /** Null where the file is on another file system, or on one that shares nothing. */
    private @Nullable HostFile open(String name, long hostOffset, long guestOffset) throws IOException {
        Path path = Path.of(name);
        if (!Files.isRegularFile(path) || hostOffset + BLOCK_BYTES > Files.size(path)) {
            return null;
        }
        HostFile file = HostFile.open(path, true);
        boolean shares = holds(file, hostOffset, guestOffset) && target.tryToShare(file, hostOffset, guestOffset);
        if (!shares) {
            file.close();
        }
        return shares ? file : null;
    }

    /** Whether the file that bears the extent's name is the one the source reads from: it could have been replaced. */
    private boolean holds(HostFile file, long hostOffset, long guestOffset) throws IOException {
        ByteBuffer stored = ByteBuffer.allocate(BLOCK_BYTES);
        ByteBuffer seen = ByteBuffer.allocate(BLOCK_BYTES);
        file.readZeroPadded(hostOffset, stored);
        source.read(guestOffset, seen);
        return stored.flip().equals(seen.flip());
    }

    @Override
    public void close() throws IOException {
        for (HostFile file : files.values()) {
            if (file != null) {
                file.close();
            }
        }
    }
}
