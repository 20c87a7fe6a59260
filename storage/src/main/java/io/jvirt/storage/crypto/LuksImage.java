// SPDX-License-Identifier: Apache-2.0
package io.jvirt.storage.crypto;

import io.jvirt.storage.DiskImage;
import io.jvirt.storage.Extent;
import io.jvirt.storage.ImageFormat;
import io.jvirt.storage.StorageException;
import java.io.IOException;
import java.nio.ByteBuffer;

/**
 * A raw LUKS volume, of version 1 or 2: header and key slots, then the payload, each sector encrypted by its number. The container is
 * another image, usually a raw one.
 */
public final class LuksImage implements DiskImage {
    /** The most that is encrypted or decrypted between two calls of the container. */
    private static final int CHUNK_BYTES = 256 * 1024;

    private final DiskImage container;
    private final KeySlots keySlots;
    private final SectorTransform transform;
    private final int sectorBytes;
    private final long payloadOffset;
    private final long payloadLimit;
    /** Whoever changes part of a sector reads, changes and writes it alone. */
    private final Object partialSectors = new Object();

    private LuksImage(DiskImage container, LuksVolume volume, SectorTransform transform) throws StorageException {
        this(container, volume, transform, volume.header().payloadOffset(), Long.MAX_VALUE);
    }

    private LuksImage(
            DiskImage container, KeySlots keySlots, SectorTransform transform, long payloadOffset, long payloadLimit)
            throws StorageException {
        this.container = container;
        this.keySlots = keySlots;
        this.transform = transform;
        this.sectorBytes = transform.unitBytes();
        this.payloadOffset = payloadOffset;
        this.payloadLimit = payloadLimit;
        if (payloadOffset > container.sizeBytes()) {
            throw new StorageException("the LUKS payload at " + payloadOffset + " lies beyond the end of the volume at "
                    + container.sizeBytes());
        }
    }

    /** Opens a volume; the image owns the container from here on. */
    public static LuksImage open(DiskImage container, byte[] passphrase) throws IOException {
        if (Luks2Header.isLuks2(storage(container))) {
            Luks2KeySlots slots = Luks2KeySlots.read(storage(container));
            Luks2Header.Segment segment = slots.segment();
            return new LuksImage(container, slots, slots.unlock(passphrase), segment.offset(), segment.lengthBytes());
        }
        LuksVolume volume = LuksVolume.open(storage(container));
        return new LuksImage(container, volume, volume.unlock(passphrase));
    }

    /** Reads and checks the header of a volume for which there is no passphrase. */
    public static void checkHeader(DiskImage container) throws IOException {
        if (Luks2Header.isLuks2(storage(container))) {
            Luks2Header.read(storage(container)).segment();
        } else {
            LuksVolume.open(storage(container));
        }
    }

    /** Makes a volume of the given payload size in an empty container, which is resized. */
    public static LuksImage create(DiskImage container, long sizeBytes, LuksOptions options, byte[] passphrase)
            throws IOException {
        container.resize(LuksVolume.headerBytes(options) + sizeBytes);
        LuksVolume volume = LuksVolume.create(storage(container), options, passphrase);
        return new LuksImage(container, volume, volume.unlock(passphrase));
    }

    /** A container's start as the place of a header. */
    public static HeaderStorage storage(DiskImage container) {
        return new HeaderStorage() {
            @Override
            public long sizeBytes() {
                return container.sizeBytes();
            }

            @Override
            public void read(long offset, ByteBuffer target) throws IOException {
                container.read(offset, target);
            }

            @Override
            public void write(long offset, ByteBuffer source) throws IOException {
                container.write(offset, source);
            }

            @Override
            public void flush() throws IOException {
                container.flush();
            }
        };
    }

    /** The key slots, which can be changed. */
    public KeySlots keySlots() {
        return keySlots;
    }

    /** What the volume lies in. */
    public DiskImage container() {
        return container;
    }

    @Override
    public ImageFormat format() {
        return ImageFormat.LUKS;
    }

    @Override
    public long sizeBytes() {
        return Math.min(payloadLimit, container.sizeBytes() - payloadOffset);
    }

    @Override
    public boolean isReadOnly() {
        return container.isReadOnly();
    }

    @Override
    public void read(long guestOffset, ByteBuffer target) throws IOException {
        check(guestOffset, target.remaining());
        long at = guestOffset;
        while (target.hasRemaining()) {
            int skip = (int) (at % sectorBytes);
            int length = Math.min(target.remaining(), CHUNK_BYTES - skip);
            if (skip == 0 && length % sectorBytes == 0) {
                ByteBuffer part = target.slice(target.position(), length);
                readSectors(at, part);
                target.position(target.position() + length);
            } else {
                long start = at - skip;
                ByteBuffer sectors = ByteBuffer.allocate(roundUp(skip + length));
                readSectors(start, sectors);
                target.put(sectors.limit(skip + length).position(skip));
            }
            at += length;
        }
    }

    /** Fills the buffer with whole sectors and rewinds it; a last sector that the container cuts off ends in zeros. */
    private void readSectors(long guestOffset, ByteBuffer sectors) throws IOException {
        int available = (int) Math.min(sectors.remaining(), sizeBytes() - guestOffset);
        ByteBuffer stored = sectors.duplicate().limit(sectors.position() + available);
        container.read(payloadOffset + guestOffset, stored);
        transform.decrypt(guestOffset, sectors.duplicate());
        sectors.rewind();
    }

    @Override
    public void write(long guestOffset, ByteBuffer source) throws IOException {
        check(guestOffset, source.remaining());
        long at = guestOffset;
        while (source.hasRemaining()) {
            int skip = (int) (at % sectorBytes);
            int length = Math.min(source.remaining(), CHUNK_BYTES - skip);
            if (length > sectorBytes) {
                // The tail goes its own way, so that only partial sectors are read first.
                length -= (skip + length) % sectorBytes;
            }
            ByteBuffer part = source.slice(source.position(), length);
            source.position(source.position() + length);
            if (skip == 0 && length % sectorBytes == 0) {
                ByteBuffer sectors = ByteBuffer.allocate(length).put(part).flip();
                writeSectors(at, sectors);
            } else {
                synchronized (partialSectors) {
                    ByteBuffer sectors = ByteBuffer.allocate(roundUp(skip + length));
                    readSectors(at - skip, sectors);
                    sectors.position(skip);
                    sectors.put(part).rewind();
                    writeSectors(at - skip, sectors);
                }
            }
            at += length;
        }
    }

    private void writeSectors(long guestOffset, ByteBuffer sectors) throws IOException {
        transform.encrypt(guestOffset, sectors.duplicate());
        int available = (int) Math.min(sectors.remaining(), sizeBytes() - guestOffset);
        container.write(payloadOffset + guestOffset, sectors.limit(sectors.position() + available));
    }

    /** Zeros are data here: what reads as zeros in the container decrypts to noise. */
    @Override
    public void zero(long guestOffset, long lengthBytes, boolean unmap) throws IOException {
        check(guestOffset, lengthBytes);
        ByteBuffer zeros = ByteBuffer.allocate(CHUNK_BYTES);
        for (long done = 0; done < lengthBytes; ) {
            int length = (int) Math.min(lengthBytes - done, zeros.capacity());
            write(guestOffset + done, zeros.clear().limit(length));
            done += length;
        }
    }

    /** Does nothing: which sectors are in use is part of what the encryption hides. */
    @Override
    public void discard(long guestOffset, long lengthBytes) throws IOException {
        check(guestOffset, lengthBytes);
    }

    @Override
    public void map(long guestOffset, long lengthBytes, ExtentVisitor visitor) throws IOException {
        check(guestOffset, lengthBytes);
        if (lengthBytes > 0) {
            visitor.visit(new Extent(guestOffset, lengthBytes, Extent.Kind.DATA, 0, -1, null));
        }
    }

    @Override
    public void resize(long sizeBytes) throws IOException {
        container.resize(payloadOffset + sizeBytes);
    }

    @Override
    public void flush() throws IOException {
        container.flush();
    }

    @Override
    public void close() throws IOException {
        container.close();
    }

    private void check(long guestOffset, long lengthBytes) throws StorageException {
        if (guestOffset < 0 || lengthBytes < 0 || guestOffset > sizeBytes() - lengthBytes) {
            throw new StorageException("the range of " + lengthBytes + " bytes at " + guestOffset
                    + " lies beyond the end of the disk at " + sizeBytes());
        }
    }

    private int roundUp(int bytes) {
        return (bytes + sectorBytes - 1) / sectorBytes * sectorBytes;
    }
}
