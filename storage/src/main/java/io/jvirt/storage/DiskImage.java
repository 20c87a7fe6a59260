// SPDX-License-Identifier: Apache-2.0
package io.jvirt.storage;

import java.io.Closeable;
import java.io.IOException;
import java.nio.ByteBuffer;

/**
 * An open disk: guest-visible bytes, addressed from 0 to {@link #sizeBytes()}.
 *
 * <p>Reads may run on several threads at once, also beside writes to other ranges. All offsets are guest offsets; any
 * alignment is allowed. A range beyond the end is an error, never a short transfer.
 */
public interface DiskImage extends Closeable {
    ImageFormat format();

    /** The virtual size: what the guest sees as the size of its disk. */
    long sizeBytes();

    boolean isReadOnly();

    /** Fills {@code target} from {@code guestOffset} on. */
    void read(long guestOffset, ByteBuffer target) throws IOException;

    /** Writes all that remains in {@code source}. */
    void write(long guestOffset, ByteBuffer source) throws IOException;

    /** Makes the range read as zeros; gives the host's space back where {@code unmap} says so and the format can. */
    void zero(long guestOffset, long lengthBytes, boolean unmap) throws IOException;

    /**
     * As {@link #zero}, giving space back; what was never written becomes zeros of this image too, and no backing file
     * that it gets later shows there.
     */
    default void markZero(long guestOffset, long lengthBytes) throws IOException {
        zero(guestOffset, lengthBytes, true);
    }

    /** Tells that the guest no longer needs the range; what it reads as afterwards is the format's affair. */
    void discard(long guestOffset, long lengthBytes) throws IOException;

    /** Streams the extents of a range in order, without gaps; neighbours that could be one are one. */
    void map(long guestOffset, long lengthBytes, ExtentVisitor visitor) throws IOException;

    /** Changes the virtual size. */
    void resize(long sizeBytes) throws IOException;

    /** Everything written so far survives a power cut once this returns. */
    void flush() throws IOException;

    /** Takes extents, in order. */
    @FunctionalInterface
    interface ExtentVisitor {
        void visit(Extent extent) throws IOException;
    }
}
