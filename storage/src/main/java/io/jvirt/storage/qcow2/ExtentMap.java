// SPDX-License-Identifier: Apache-2.0
package io.jvirt.storage.qcow2;

import io.jvirt.storage.DiskImage.ExtentVisitor;
import io.jvirt.storage.Extent;
import java.io.IOException;
import org.jspecify.annotations.Nullable;

/** What an open image's map says, and what is remembered from one call to the next one. */
final class ExtentMap {
    private final Tables tables;
    private final ClusterReader reader;
    private final boolean transformed;
    private @Nullable Boolean preallocated;
    private @Nullable WalkBounds bounds;
    private long boundsEnd;

    /** {@code transformed} is whether the data on the host is not what the guest sees. */
    ExtentMap(Tables tables, ClusterReader reader, boolean transformed) {
        this.tables = tables;
        this.reader = reader;
        this.transformed = transformed;
    }

    /** {@code changed} is whether the image was changed since it was opened. */
    void map(long guestOffset, long lengthBytes, ExtentVisitor visitor, boolean changed) throws IOException {
        ExtentVisitor told = visitor;
        if (transformed) {
            // What lies at the host offset is not what the guest sees.
            told = extent -> visitor.visit(
                    extent.depth() == 0
                            ? new Extent(
                                    extent.guestOffset(), extent.lengthBytes(), extent.kind(), 0, -1, extent.file())
                            : extent);
        }
        WalkBounds walk = boundsFrom(guestOffset, changed);
        ExtentWalk.walk(tables, walk, reader, guestOffset, lengthBytes, isPreallocated(), told);
        synchronized (this) {
            bounds = walk;
            boundsEnd = guestOffset + lengthBytes;
        }
    }

    /** Calls that go on behind the last one are one walk, which is bounded as a whole. */
    private synchronized WalkBounds boundsFrom(long guestOffset, boolean changed) throws IOException {
        WalkBounds present = guestOffset >= boundsEnd && !changed ? bounds : null;
        bounds = null;
        return present == null ? new WalkBounds(tables) : present;
    }

    /** Whether data clusters may be holes of the host file: then the map looks there too. */
    private synchronized boolean isPreallocated() throws IOException {
        Boolean known = preallocated;
        if (known == null) {
            known = PreallocationProbe.isPreallocated(tables);
            preallocated = known;
        }
        return known;
    }
}
