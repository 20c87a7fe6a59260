// SPDX-License-Identifier: Apache-2.0
package io.jvirt.storage.qcow2;

import io.jvirt.storage.CorruptImageException;
import io.jvirt.storage.DiskImage;
import io.jvirt.storage.Extent;
import java.io.IOException;
import org.jspecify.annotations.Nullable;

/** Tells how a range is stored, through the backing chain; neighbours that could be one extent are one. */
final class ExtentWalk {
    private final Tables tables;
    private final ClusterReader reader;
    private final WalkBounds bounds;
    private final boolean preallocated;
    private boolean holesMatter;
    private long pieceStart = -1;
    private long pieceEnd = -1;
    private boolean pieceIsHole;
    private final DiskImage.ExtentVisitor visitor;
    private @Nullable Extent pending;

    private ExtentWalk(
            Tables tables,
            WalkBounds bounds,
            ClusterReader reader,
            boolean preallocated,
            DiskImage.ExtentVisitor visitor) {
        this.bounds = bounds;
        this.tables = tables;
        this.reader = reader;
        this.preallocated = preallocated;
        this.holesMatter = preallocated;
        this.visitor = visitor;
    }

    static void walk(
            Tables tables,
            WalkBounds bounds,
            ClusterReader reader,
            long guestOffset,
            long lengthBytes,
            boolean preallocated,
            DiskImage.ExtentVisitor visitor)
            throws IOException {
        ExtentWalk walk = new ExtentWalk(tables, bounds, reader, preallocated, visitor);
        long end = guestOffset + lengthBytes;
        for (long at = guestOffset; at < end; ) {
            Mapping mapping = walk.bounds.isTableInHole(at) ? walk.unmapped(at, end) : walk.find(at, end);
            walk.bounds.count(mapping);
            walk.holesMatter |= walk.bounds.isBeyondStored();
            walk.visit(at, mapping);
            at += mapping.lengthBytes();
        }
        walk.finish();
    }

    /** What lies before the damage is told first. */
    private Mapping find(long at, long end) throws IOException {
        try {
            return reader.find(at, end - at);
        } catch (CorruptImageException e) {
            finish();
            throw e;
        }
    }

    private Mapping unmapped(long at, long end) {
        long tableEnd = (tables.geometry.l1Index(at) + 1) << tables.geometry.l1EntryBits();
        return new Mapping(Mapping.Kind.UNALLOCATED, Math.min(end, tableEnd) - at, 0, 0);
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
                findPiece(host, end);
                kind = !pieceIsHole ? Extent.Kind.DATA : preallocated ? Extent.Kind.HOLE : Extent.Kind.SPARSE;
                next = Math.min(end, pieceEnd);
            }
            if (holesMatter && kind == Extent.Kind.DATA) {
                bounds.countData(next - host);
            }
            add(new Extent(at + host - mapping.hostOffset(), next - host, kind, 0, host, tables.data.name()));
            host = next;
        }
    }

    /** Finds the hole or the data around a host offset; asks the host only where the last answer does not tell. */
    private void findPiece(long host, long end) throws IOException {
        if (host >= pieceStart && host < pieceEnd) {
            return;
        }
        long size = tables.data.sizeBytes();
        long data = host < size ? tables.data.nextData(host) : Long.MAX_VALUE;
        pieceStart = host;
        pieceIsHole = data > host;
        pieceEnd = pieceIsHole ? (data >= size ? Math.max(end, size) : data) : tables.data.nextHole(host);
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
