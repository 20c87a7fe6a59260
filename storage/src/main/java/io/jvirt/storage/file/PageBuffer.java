// SPDX-License-Identifier: Apache-2.0
package io.jvirt.storage.file;

import java.nio.ByteBuffer;

/**
 * Buffers of the data path, which begin at a page. {@link ByteBuffer#allocateDirect} begins 16 bytes behind one, and processors
 * were measured on which the kernel then fills it from the page cache at a fifth of the speed.
 */
public final class PageBuffer {

    private static final int PAGE_BYTES = 4096;

    private PageBuffer() {}

    /** @return bytes of zeros outside of the heap, big-endian until told otherwise; what is smaller than a page may begin anywhere */
    public static ByteBuffer allocate(int bytes) {
        if (bytes < PAGE_BYTES) {
            return ByteBuffer.allocateDirect(bytes);
        }
        ByteBuffer around = ByteBuffer.allocateDirect(Math.addExact(bytes, PAGE_BYTES - 1));
        int behindPage = around.alignmentOffset(0, PAGE_BYTES);
        return around.slice(behindPage == 0 ? 0 : PAGE_BYTES - behindPage, bytes);
    }
}
