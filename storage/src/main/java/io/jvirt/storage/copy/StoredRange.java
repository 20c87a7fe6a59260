// SPDX-License-Identifier: Apache-2.0
package io.jvirt.storage.copy;

import io.jvirt.storage.file.HostFile;
import io.jvirt.storage.file.PageBuffer;
import java.io.IOException;
import java.nio.ByteBuffer;

/**
 * Where a source stores a run's bytes as they are, so that a target on the same file system can share the blocks.
 *
 * @param file the source's own file, open for reading
 * @param hostOffset the run's first byte in it, a multiple of {@link BlockSharing#BLOCK_BYTES}
 */
record StoredRange(HostFile file, long hostOffset) {
    private static final int CHUNK_BYTES = 1 << 20;

    /** Makes {@code target} hold a part of the range at {@code targetOffset}: shared where that works, else copied. */
    void place(long from, long lengthBytes, HostFile target, long targetOffset) throws IOException {
        if (!target.cloneRange(targetOffset, file, hostOffset + from, lengthBytes)) {
            ByteBuffer chunk = PageBuffer.allocate((int) Math.min(CHUNK_BYTES, lengthBytes));
            for (long at = 0; at < lengthBytes; at += chunk.capacity()) {
                chunk.clear().limit((int) Math.min(chunk.capacity(), lengthBytes - at));
                file.read(hostOffset + from + at, chunk);
                target.write(targetOffset + at, chunk.flip());
            }
        }
    }
}
