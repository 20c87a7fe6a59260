// SPDX-License-Identifier: Apache-2.0
package io.jvirt.storage.crypto;

import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.concurrent.ConcurrentLinkedQueue;

/**
 * Encrypts and decrypts ranges of a volume in place. The offset decides the initial vectors: for raw LUKS the guest
 * offset, for LUKS in qcow2 the host offset, for qcow2's first encryption ("AES") the guest offset. Thread-safe.
 */
public final class SectorTransform {
    /** Sectors are counted in this; offsets and lengths are multiples of it at least. */
    public static final int SECTOR_BYTES = SectorCipher.SECTOR_BYTES;

    private final SectorCipherSpec spec;
    private final byte[] key;
    private final int unitBytes;
    private final long firstSector;
    private final ConcurrentLinkedQueue<Worker> idle = new ConcurrentLinkedQueue<>();

    SectorTransform(SectorCipherSpec spec, byte[] key) {
        this(spec, key, SECTOR_BYTES, 0);
    }

    /**
     * Encryption in larger units, as LUKS2 may have it.
     *
     * @param firstSector what is added to each sector's number
     */
    SectorTransform(SectorCipherSpec spec, byte[] key, int unitBytes, long firstSector) {
        this.unitBytes = unitBytes;
        this.firstSector = firstSector;
        this.spec = spec;
        this.key = key.clone();
    }

    /**
     * The first encryption of qcow and qcow2: AES-128-CBC, whose key is the password itself, cut or filled with zeros to
     * 16 bytes. Guessed as easily as the password; QEMU reads it for conversions only.
     */
    public static SectorTransform legacyAes(byte[] password) {
        return new SectorTransform(SectorCipherSpec.LEGACY_AES, Arrays.copyOf(password, 16));
    }

    /** Offsets and lengths are multiples of this. */
    public int unitBytes() {
        return unitBytes;
    }

    /** Encrypts what remains in the buffer; its position moves to its limit. */
    public void encrypt(long offsetBytes, ByteBuffer buffer) {
        run(offsetBytes, buffer, true);
    }

    /** Decrypts what remains in the buffer; its position moves to its limit. */
    public void decrypt(long offsetBytes, ByteBuffer buffer) {
        run(offsetBytes, buffer, false);
    }

    private void run(long offsetBytes, ByteBuffer buffer, boolean encrypt) {
        if (offsetBytes % unitBytes != 0 || buffer.remaining() % unitBytes != 0) {
            throw new IllegalArgumentException(
                    "not whole sectors: offset " + offsetBytes + ", length " + buffer.remaining());
        }
        Worker worker = idle.poll();
        if (worker == null) {
            worker = new Worker(spec, key, unitBytes);
        }
        long sector = firstSector + offsetBytes / SECTOR_BYTES;
        while (buffer.hasRemaining()) {
            int length = Math.min(buffer.remaining(), SectorCipher.MAX_BYTES);
            byte[] bytes;
            int at;
            if (buffer.hasArray()) {
                bytes = buffer.array();
                at = buffer.arrayOffset() + buffer.position();
            } else {
                bytes = worker.bytes;
                at = 0;
                buffer.get(buffer.position(), bytes, 0, length);
            }
            if (encrypt) {
                worker.cipher.encrypt(sector, bytes, at, length);
            } else {
                worker.cipher.decrypt(sector, bytes, at, length);
            }
            if (buffer.hasArray()) {
                buffer.position(buffer.position() + length);
            } else {
                buffer.put(bytes, 0, length);
            }
            sector += length / SECTOR_BYTES;
        }
        idle.add(worker);
    }

    private static final class Worker {
        final SectorCipher cipher;
        final byte[] bytes = new byte[SectorCipher.MAX_BYTES];

        Worker(SectorCipherSpec spec, byte[] key, int unitBytes) {
            cipher = new SectorCipher(spec, key, unitBytes);
        }
    }
}
