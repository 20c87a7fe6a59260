// SPDX-License-Identifier: Apache-2.0
package io.jvirt.storage.crypto;

import io.jvirt.storage.StorageException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/** Where key material lies: between the header's second copy and the payload. Nothing outside of that is written. */
final class Luks2Areas {
    private static final int ALIGNMENT = 4096;

    /** What cryptsetup takes at most. */
    private static final long MAX_AREA_BYTES = 128 << 20;

    private static final int CHUNK_BYTES = 1 << 20;

    private final Luks2Header header;
    private final HeaderStorage storage;
    private final long start;
    private final long end;

    /** The place of one slot's material. */
    record Area(long offset, long bytes) {
        long end() {
            return offset + bytes;
        }
    }

    Luks2Areas(Luks2Header header, HeaderStorage storage) throws IOException {
        this.header = header;
        this.storage = storage;
        this.start = 2 * header.lengthBytes();
        long bytes = Math.min(header.number("config.keyslots_size"), MAX_AREA_BYTES);
        this.end = Math.min(Math.min(start + bytes, header.segment().offset()), storage.sizeBytes());
    }

    /** The area of a slot, which no other slot may have. */
    Area of(String slot) throws StorageException {
        Area area = new Area(header.number(slot + "area.offset"), header.number(slot + "area.size"));
        boolean shared = false;
        for (String other : header.names("keyslots.")) {
            if (!other.equals(slot)) {
                long offset = header.number(other + "area.offset");
                long bytes = header.number(other + "area.size");
                // Differences, as sums could overflow.
                shared |= offset >= area.offset ? offset - area.offset < area.bytes : area.offset - offset < bytes;
            }
        }
        if (shared || area.offset < start || area.bytes > end - area.offset) {
            throw Luks2Header.damaged("the area of '" + slot + "' is not for its key alone");
        }
        return area;
    }

    /** A free area for so many bytes of material. */
    Area free(long bytes) throws StorageException {
        List<Area> areas = new ArrayList<>();
        for (String slot : header.names("keyslots.")) {
            areas.add(of(slot));
        }
        areas.sort(Comparator.comparingLong(Area::offset));
        areas.add(new Area(end, 0));
        long size = aligned(bytes);
        long at = aligned(start);
        for (Area area : areas) {
            if (size <= area.offset - at) {
                return new Area(at, size);
            }
            at = Math.max(at, aligned(area.end()));
        }
        throw new StorageException("The LUKS2 header has no room for another key slot", "erase one first");
    }

    private static long aligned(long bytes) {
        return (bytes + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT;
    }

    /** Writes noise over the material. */
    void wipe(Area area) throws IOException {
        SecureRandom random = new SecureRandom();
        for (long at = area.offset; at < area.end(); at += CHUNK_BYTES) {
            int length = (int) Math.min(CHUNK_BYTES, area.end() - at);
            storage.write(at, ByteBuffer.wrap(LuksVolume.randomBytes(random, length)));
        }
        storage.flush();
    }
}
