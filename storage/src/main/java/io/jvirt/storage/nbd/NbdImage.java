// SPDX-License-Identifier: Apache-2.0
package io.jvirt.storage.nbd;

import io.jvirt.storage.DiskImage;
import io.jvirt.storage.Extent;
import io.jvirt.storage.ImageFormat;
import io.jvirt.storage.StorageException;
import io.jvirt.storage.file.PageBuffer;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayDeque;
import org.jspecify.annotations.Nullable;

/** A disk behind an NBD server: raw bytes to the client, whatever the server keeps them in. */
public final class NbdImage implements DiskImage {
    /** Large transfers go in pieces of this size, several at once. */
    private static final int PIECE_BYTES = 1 << 20;

    private static final int PIECES_IN_FLIGHT = 8;
    /** Block status and zeros of a gibibyte at a time: servers answer such requests slowly where much is allocated. */
    private static final int MAX_RANGE_BYTES = 1 << 30;

    private final NbdAddress address;
    private final NbdConnection connection;
    private final NbdExport export;
    private final boolean readOnly;
    private final int pieceBytes;
    /** Whoever changes part of the server's smallest block reads, changes and writes it alone. */
    private final Object partialBlocks = new Object();

    private NbdImage(NbdAddress address, NbdConnection connection, boolean readOnly) {
        this.address = address;
        this.connection = connection;
        export = connection.export();
        this.readOnly = readOnly;
        pieceBytes = Math.min(PIECE_BYTES, export.maxBlockBytes());
    }

    /**
     * Connects and takes a dirty bitmap of the server's for the map: what it marks is {@link Extent.Kind#ABSENT} there.
     *
     * @param context the bitmap's name among the metadata contexts, as {@code qemu:dirty-bitmap:NAME}
     */
    public static NbdImage withBitmap(NbdAddress address, String context, boolean readOnly) throws IOException {
        NbdImage image = open(address, context, readOnly);
        if (image.export.allocationContext() < 0) {
            image.close();
            throw new StorageException(
                    "Could not open image: Invalid argument",
                    "the server has no metadata context '" + context + "'; qemu-nbd --list shows what it has");
        }
        return image;
    }

    /** Connects; an export that the server keeps from writing is an error unless it is opened read-only. */
    public static NbdImage open(NbdAddress address, boolean readOnly) throws IOException {
        return open(address, NbdProtocol.BASE_ALLOCATION, readOnly);
    }

    private static NbdImage open(NbdAddress address, String context, boolean readOnly) throws IOException {
        NbdConnection connection = NbdConnection.open(address, context);
        if (!readOnly && connection.export().has(NbdProtocol.FLAG_READ_ONLY)) {
            connection.close();
            throw new NbdException(
                    "'" + address + "' is exported read-only",
                    "Could not open image: Permission denied",
                    "start the server without its read-only option",
                    null);
        }
        return new NbdImage(address, connection, readOnly);
    }

    public NbdAddress address() {
        return address;
    }

    @Override
    public ImageFormat format() {
        return ImageFormat.RAW;
    }

    @Override
    public long sizeBytes() {
        return export.sizeBytes();
    }

    @Override
    public boolean isReadOnly() {
        return readOnly;
    }

    @Override
    public void read(long guestOffset, ByteBuffer target) throws IOException {
        check(guestOffset, target.remaining());
        int head = misalignment(guestOffset);
        int tail = misalignment(guestOffset + target.remaining());
        if (head != 0 || tail != 0) {
            long start = guestOffset - head;
            long end = Math.min(
                    sizeBytes(), guestOffset + target.remaining() + (tail == 0 ? 0 : export.minBlockBytes() - tail));
            ByteBuffer blocks = ByteBuffer.allocate((int) (end - start));
            readBlocks(start, blocks);
            target.put(blocks.position(head).limit(head + target.remaining()));
        } else {
            readBlocks(guestOffset, target);
        }
    }

    private void readBlocks(long offset, ByteBuffer target) throws IOException {
        ArrayDeque<NbdRequest> inFlight = new ArrayDeque<>();
        IOException failure = null;
        long at = offset;
        while (target.hasRemaining() && failure == null) {
            int length = Math.min(pieceBytes, target.remaining());
            ByteBuffer place = target.slice(target.position(), length);
            NbdRequest request = new NbdRequest(NbdProtocol.READ, 0, at, length, place);
            connection.send(request, null);
            inFlight.add(request);
            target.position(target.position() + length);
            at += length;
            if (inFlight.size() >= PIECES_IN_FLIGHT) {
                failure = await(inFlight.remove(), failure);
            }
        }
        finish(inFlight, failure);
    }

    @Override
    public void write(long guestOffset, ByteBuffer source) throws IOException {
        checkWritable(guestOffset, source.remaining());
        int head = misalignment(guestOffset);
        int tail = misalignment(guestOffset + source.remaining());
        if (head != 0 || tail != 0) {
            synchronized (partialBlocks) {
                long start = guestOffset - head;
                int length = head + source.remaining() + (tail == 0 ? 0 : export.minBlockBytes() - tail);
                ByteBuffer blocks = ByteBuffer.allocate((int) Math.min(length, sizeBytes() - start));
                readBlocks(start, blocks);
                blocks.position(head);
                blocks.put(source).rewind();
                writeBlocks(start, blocks);
            }
        } else {
            writeBlocks(guestOffset, source);
        }
    }

    private void writeBlocks(long offset, ByteBuffer source) throws IOException {
        ArrayDeque<NbdRequest> inFlight = new ArrayDeque<>();
        IOException failure = null;
        long at = offset;
        while (source.hasRemaining() && failure == null) {
            int length = Math.min(pieceBytes, source.remaining());
            ByteBuffer piece = source.slice(source.position(), length);
            NbdRequest request = new NbdRequest(NbdProtocol.WRITE, forced(), at, length, null);
            connection.send(request, piece);
            inFlight.add(request);
            source.position(source.position() + length);
            at += length;
            if (inFlight.size() >= PIECES_IN_FLIGHT) {
                failure = await(inFlight.remove(), failure);
            }
        }
        finish(inFlight, failure);
    }

    @Override
    public void zero(long guestOffset, long lengthBytes, boolean unmap) throws IOException {
        checkWritable(guestOffset, lengthBytes);
        if (!export.has(NbdProtocol.FLAG_WRITE_ZEROES)) {
            writeZeroBytes(guestOffset, lengthBytes);
            return;
        }
        int flags = unmap ? 0 : NbdProtocol.COMMAND_NO_HOLE;
        long start = roundUp(guestOffset);
        long end = guestOffset + lengthBytes;
        end -= misalignment(end);
        if (start >= end) {
            writeZeroBytes(guestOffset, lengthBytes);
            return;
        }
        writeZeroBytes(guestOffset, start - guestOffset);
        range(NbdProtocol.WRITE_ZEROES, flags, start, end - start);
        writeZeroBytes(end, guestOffset + lengthBytes - end);
    }

    private void writeZeroBytes(long offset, long lengthBytes) throws IOException {
        if (lengthBytes == 0) {
            return;
        }
        ByteBuffer zeros = PageBuffer.allocate((int) Math.min(lengthBytes, PIECE_BYTES));
        for (long done = 0; done < lengthBytes; done += zeros.limit()) {
            zeros.clear().limit((int) Math.min(lengthBytes - done, zeros.capacity()));
            write(offset + done, zeros);
        }
    }

    /** Whole blocks within the range only: a part of a block cannot be given back. */
    @Override
    public void discard(long guestOffset, long lengthBytes) throws IOException {
        checkWritable(guestOffset, lengthBytes);
        long start = roundUp(guestOffset);
        long end = guestOffset + lengthBytes;
        end -= misalignment(end);
        if (start < end && export.has(NbdProtocol.FLAG_TRIM)) {
            range(NbdProtocol.TRIM, 0, start, end - start);
        }
    }

    private void range(int command, int flags, long offset, long lengthBytes) throws IOException {
        for (long done = 0; done < lengthBytes; ) {
            long length = Math.min(MAX_RANGE_BYTES, lengthBytes - done);
            call(new NbdRequest(command, flags | forced(), offset + done, length, null));
            done += length;
        }
    }

    @Override
    public void map(long guestOffset, long lengthBytes, ExtentVisitor visitor) throws IOException {
        check(guestOffset, lengthBytes);
        ExtentMerger merger = new ExtentMerger(visitor);
        long end = guestOffset + lengthBytes;
        long at = guestOffset;
        while (at < end) {
            if (export.allocationContext() < 0) {
                merger.add(at, end - at, Extent.Kind.DATA);
                break;
            }
            long start = at - misalignment(at);
            long length = Math.min(MAX_RANGE_BYTES, Math.min(sizeBytes(), roundUp(end)) - start);
            NbdRequest request = new NbdRequest(NbdProtocol.BLOCK_STATUS, 0, start, length, null);
            call(request);
            long before = at;
            long piece = start;
            for (NbdRequest.BlockStatus status : request.statuses) {
                piece += status.lengthBytes();
                long stop = Math.min(piece - misalignment(piece), end);
                if (stop > at) {
                    merger.add(at, stop - at, kind(status.flags()));
                    at = stop;
                }
                if (misalignment(piece) != 0 && at < end) {
                    // Servers that round up a file's size tell where the file itself ends. Of a block in two states
                    // only that it has data is safe to say.
                    stop = Math.min(roundUp(piece), end);
                    merger.add(at, stop - at, Extent.Kind.DATA);
                    at = stop;
                    break;
                }
            }
            if (at == before) {
                throw new StorageException(
                        "The NBD server at '" + address + "' does not tell the status of offset " + at);
            }
        }
        merger.end();
    }

    private static Extent.Kind kind(int flags) {
        boolean hole = (flags & NbdProtocol.STATE_HOLE) != 0;
        if ((flags & NbdProtocol.STATE_ZERO) != 0) {
            return hole ? Extent.Kind.ZERO : Extent.Kind.HOLE;
        }
        return hole ? Extent.Kind.ABSENT : Extent.Kind.DATA;
    }

    @Override
    public void resize(long sizeBytes) throws IOException {
        throw new StorageException(
                "'" + address + "' cannot be resized: the NBD protocol has no such request",
                "resize the disk where the server keeps it");
    }

    /** A server that cannot flush, but can make a single request last, is asked to do so each time. */
    private int forced() {
        return !export.has(NbdProtocol.FLAG_FLUSH) && export.has(NbdProtocol.FLAG_FUA) ? NbdProtocol.COMMAND_FUA : 0;
    }

    @Override
    public void flush() throws IOException {
        if (!readOnly && export.has(NbdProtocol.FLAG_FLUSH)) {
            call(new NbdRequest(NbdProtocol.FLUSH, 0, 0, 0, null));
        }
    }

    @Override
    public void close() throws IOException {
        connection.close();
    }

    private void call(NbdRequest request) throws IOException {
        connection.send(request, null);
        request.await();
    }

    private static @Nullable IOException await(NbdRequest request, @Nullable IOException earlier) {
        try {
            request.await();
            return earlier;
        } catch (IOException e) {
            return earlier == null ? e : earlier;
        }
    }

    /** All requests end before the caller gets its buffer back. */
    private static void finish(ArrayDeque<NbdRequest> inFlight, @Nullable IOException earlier) throws IOException {
        IOException failure = earlier;
        for (NbdRequest request : inFlight) {
            failure = await(request, failure);
        }
        if (failure != null) {
            throw failure;
        }
    }

    private int misalignment(long offset) {
        // The end of an export counts as aligned.
        return offset == sizeBytes() ? 0 : (int) (offset & (export.minBlockBytes() - 1));
    }

    private long roundUp(long offset) {
        int over = misalignment(offset);
        return over == 0 ? offset : Math.min(sizeBytes(), offset - over + export.minBlockBytes());
    }

    private void checkWritable(long guestOffset, long lengthBytes) throws StorageException {
        if (readOnly) {
            throw new StorageException("'" + address + "' is open for reading only");
        }
        check(guestOffset, lengthBytes);
    }

    private void check(long guestOffset, long lengthBytes) throws StorageException {
        if (guestOffset < 0 || lengthBytes < 0 || guestOffset > sizeBytes() - lengthBytes) {
            throw new StorageException("'" + address + "' has " + sizeBytes() + " bytes; " + lengthBytes
                    + " bytes at offset " + guestOffset + " are not within it");
        }
    }

    /** Joins neighbours of one kind. */
    private final class ExtentMerger {
        private final ExtentVisitor visitor;
        private long start;
        private long length;
        private Extent.Kind kind = Extent.Kind.DATA;

        ExtentMerger(ExtentVisitor visitor) {
            this.visitor = visitor;
        }

        void add(long offset, long lengthBytes, Extent.Kind added) throws IOException {
            if (length > 0 && added == kind) {
                length += lengthBytes;
                return;
            }
            end();
            start = offset;
            length = lengthBytes;
            kind = added;
        }

        void end() throws IOException {
            if (length > 0) {
                boolean stored = kind != Extent.Kind.ABSENT;
                visitor.visit(
                        new Extent(start, length, kind, 0, stored ? start : -1, stored ? address.toString() : null));
            }
        }
    }
}
