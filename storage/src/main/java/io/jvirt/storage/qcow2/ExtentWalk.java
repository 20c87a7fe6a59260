// SPDX-License-Identifier: Apache-2.0
package io.jvirt.storage.qcow2;

import io.jvirt.storage.DiskImage;
import io.jvirt.storage.Extent;
import java.io.IOException;
import org.jspecify.annotations.Nullable;

/** Tells how a range is stored, through the backing chain; neighbours that could be one extent are one. */
final class ExtentWalk {
    private final Tables tables;
    private final ClusterReader reader;
    private final boolean holesMatter;
    private final DiskImage.ExtentVisitor visitor;
    private @Nullable Extent pending;

    private ExtentWalk(Tables tables, ClusterReader reader, boolean holesMatter, DiskImage.ExtentVisitor visitor) {
        this.tables = tables;
        this.reader = reader;
        this.holesMatter = holesMatter;
        this.visitor = visitor;
    }

    static void walk(
            Tables tables,
            ClusterReader reader,
            long guestOffset,
            long lengthBytes,
            boolean holesMatter,
            DiskImage.ExtentVisitor visitor)
            throws IOException {
        ExtentWalk walk = new ExtentWalk(tables, reader, holesMatter, visitor);
        long end = guestOffset + lengthBytes;
        for (long at = guestOffset; at < end; ) {
            Mapping mapping = reader.find(at, end - at);
            walk.visit(at, mapping);
            at += mapping.lengthBytes();
        }
        walk.finish();
    }

    private void visit(long at, Mapping mapping) throws IOException {
        switch (mapping.kind()) {
            case NORMAL -> visitData(at, mapping);
            case ZERO -> add(new Extent(at, mapping.lengthBytes(), Extent.Kind.ZERO, 0, -1, null));
            case ZERO_PLACED ->
                add(new Extent(
                        at, mapping.lengthBytes(), Extent.Kind.ZERO, 0, mapping.hostOffset(), tables.data.name()));
            case COMPRESSED -> add(new Extent(at, mapping.lengthBytes(), Extent.Kind.COMPRESSED, 0, -1, null));
            case UNALLOCATED, UNALLOCATED_PLACED -> visitBacking(at, mapping);
        }
    }

    private void visitData(long at, Mapping mapping) throws IOException {
        long end = mapping.hostOffset() + mapping.lengthBytes();
        long host = mapping.hostOffset();
        while (host < end) {
            long next = end;
            Extent.Kind kind = Extent.Kind.DATA;
            if (holesMatter) {
                long data = Math.min(end, host < tables.data.sizeBytes() ? tables.data.nextData(host) : end);
                if (data >= tables.data.sizeBytes()) {
                    data = end;
                }
                kind = data > host ? Extent.Kind.HOLE : Extent.Kind.DATA;
                next = data > host ? data : Math.min(end, tables.data.nextHole(host));
            }
            add(new Extent(at + host - mapping.hostOffset(), next - host, kind, 0, host, tables.data.name()));
            host = next;
        }
    }

    private void visitBacking(long at, Mapping mapping) throws IOException {
        DiskImage backing = reader.backing();
        long inBacking = backing == null ? 0 : Math.min(mapping.lengthBytes(), Math.max(0, backing.sizeBytes() - at));
        if (backing != null && inBacking > 0) {
            backing.map(
                    at,
                    inBacking,
                    extent -> add(new Extent(
                            extent.guestOffset(),
                            extent.lengthBytes(),
                            extent.kind(),
                            extent.depth() + 1,
                            extent.hostOffset(),
                            extent.file())));
        }
        if (inBacking < mapping.lengthBytes()) {
            boolean placed = mapping.kind() == Mapping.Kind.UNALLOCATED_PLACED;
            add(new Extent(
                    at + inBacking,
                    mapping.lengthBytes() - inBacking,
                    Extent.Kind.UNALLOCATED,
                    0,
                    placed ? mapping.hostOffset() + inBacking : -1,
                    placed ? tables.data.name() : null));
        }
    }

    private void add(Extent extent) throws IOException {
        Extent before = pending;
        if (before == null) {
            pending = extent;
        } else if (continues(before, extent)) {
            pending = new Extent(
                    before.guestOffset(),
                    before.lengthBytes() + extent.lengthBytes(),
                    before.kind(),
                    before.depth(),
                    before.hostOffset(),
                    before.file());
        } else {
            visitor.visit(before);
            pending = extent;
        }
    }

    private static boolean continues(Extent before, Extent extent) {
        boolean place = before.hostOffset() < 0
                ? extent.hostOffset() < 0
                : extent.hostOffset() == before.hostOffset() + before.lengthBytes();
        return place && before.kind() == extent.kind() && before.depth() == extent.depth();
    }

    private void finish() throws IOException {
        if (pending != null) {
            visitor.visit(pending);
        }
    }
}
