// SPDX-License-Identifier: Apache-2.0
package io.jvirt.storage.crypto;

import io.jvirt.storage.FlatJson;
import io.jvirt.storage.StorageException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;

/**
 * A LUKS2 header (LUKS2 on-disk format specification, 2 and 3): 4096 bytes, big-endian: magic (6 bytes), version (u16),
 * length of header and JSON text (u64), sequence number (u64), label (48 bytes), name of the checksum (32), salt (64),
 * UUID (40), subsystem (48), own offset (u64), 184 bytes of padding, checksum (64). JSON text follows: key slots,
 * segments, digests. A second copy lies behind the first one; the one with the higher sequence number counts.
 */
final class Luks2Header {
    private static final int BINARY_BYTES = 4096;
    private static final int CHECKSUM_AT = 448;
    private static final int CHECKSUM_BYTES = 64;
    private static final long MAX_HEADER_BYTES = 4 << 20;
    private static final int MAX_OBJECTS = 32;
    private static final byte[] SECOND_MAGIC = {'S', 'K', 'U', 'L', (byte) 0xba, (byte) 0xbe};

    /**
     * Where the payload lies.
     *
     * @param offset in the container
     * @param lengthBytes {@link Long#MAX_VALUE} for all that follows
     * @param firstSector the number of the payload's first sector for its initial vector
     * @param cipherName {@code aes-xts-plain64}
     * @param sectorBytes the unit of encryption, 512 to 4096
     */
    record Segment(long offset, long lengthBytes, long firstSector, String cipherName, int sectorBytes) {}

    private final Map<String, String> json;
    private final long sequence;

    private Luks2Header(Map<String, String> json, long sequence) {
        this.json = json;
        this.sequence = sequence;
    }

    static boolean isLuks2(HeaderStorage storage) throws IOException {
        if (storage.sizeBytes() < BINARY_BYTES) {
            return false;
        }
        ByteBuffer start = ByteBuffer.allocate(8);
        storage.read(0, start);
        return LuksHeader.isLuks(start.flip()) && start.getShort(6) == 2;
    }

    /** Reads the copy that counts; a damaged one gives way to the other. */
    static Luks2Header read(HeaderStorage storage) throws IOException {
        Luks2Header best = null;
        StorageException failure = null;
        ByteBuffer start = ByteBuffer.allocate(16);
        storage.read(0, start);
        for (long offset : new long[] {0, start.getLong(8)}) {
            try {
                Luks2Header found = read(storage, offset);
                best = best == null || found.sequence > best.sequence ? found : best;
            } catch (StorageException e) {
                failure = failure == null ? e : failure;
            }
        }
        if (best == null) {
            throw failure == null ? new StorageException("LUKS2 header is damaged") : failure;
        }
        return best;
    }

    private static Luks2Header read(HeaderStorage storage, long offset) throws IOException {
        if (offset < 0 || offset > storage.sizeBytes() - BINARY_BYTES) {
            throw damaged("its copy lies beyond the end of the volume");
        }
        ByteBuffer binary = ByteBuffer.allocate(BINARY_BYTES);
        storage.read(offset, binary);
        binary.flip();
        byte[] magic = Arrays.copyOf(binary.array(), SECOND_MAGIC.length);
        long length = binary.getLong(8);
        if (!(offset == 0 ? LuksHeader.isLuks(binary) : Arrays.equals(magic, SECOND_MAGIC))
                || binary.getShort(6) != 2
                || length <= BINARY_BYTES
                || length > MAX_HEADER_BYTES
                || length > storage.sizeBytes() - offset) {
            throw damaged("magic, version or length at offset " + offset + " are wrong");
        }
        ByteBuffer all = ByteBuffer.allocate((int) length);
        storage.read(offset, all);
        byte[] bytes = all.array();
        byte[] checksum = Arrays.copyOfRange(bytes, CHECKSUM_AT, CHECKSUM_AT + CHECKSUM_BYTES);
        HashAlgorithm hash = HashAlgorithm.ofId(text(bytes, 72, 32));
        Arrays.fill(bytes, CHECKSUM_AT, CHECKSUM_AT + CHECKSUM_BYTES, (byte) 0);
        byte[] expected = Arrays.copyOf(hash.newDigest().digest(bytes), CHECKSUM_BYTES);
        if (!Arrays.equals(expected, checksum)) {
            throw damaged("the checksum of the header at offset " + offset + " is wrong");
        }
        String json = text(bytes, BINARY_BYTES, bytes.length - BINARY_BYTES);
        return new Luks2Header(FlatJson.parse(json, 0, "the JSON text of the LUKS2 header"), binary.getLong(16));
    }

    private static String text(byte[] bytes, int at, int length) {
        int end = at;
        while (end < at + length && bytes[end] != 0) {
            end++;
        }
        return new String(bytes, at, end - at, StandardCharsets.UTF_8);
    }

    static StorageException damaged(String reason) {
        return new StorageException("LUKS2 header is damaged: " + reason, "see what cryptsetup repair says of it");
    }

    /** The one segment; a volume whose reencryption was begun has more. */
    Segment segment() throws StorageException {
        List<String> names = names("segments.");
        if (names.size() != 1 || !"crypt".equals(json.get(names.get(0) + "type"))) {
            throw new StorageException(
                    "A LUKS2 volume with " + names.size() + " segments is not supported",
                    "finish its reencryption with cryptsetup reencrypt --resume-only");
        }
        String prefix = names.get(0);
        if (json.containsKey(prefix + "integrity.type")) {
            throw new StorageException("A LUKS2 volume with integrity protection is not supported");
        }
        long offset = number(prefix + "offset");
        int sectorBytes = (int) number(prefix + "sector_size");
        boolean whole = "dynamic".equals(json.get(prefix + "size"));
        long length = whole ? Long.MAX_VALUE : number(prefix + "size");
        if (sectorBytes < 512 || sectorBytes > 4096 || Integer.bitCount(sectorBytes) != 1 || offset % 512 != 0) {
            throw damaged("sectors of " + sectorBytes + " bytes from offset " + offset);
        }
        return new Segment(offset, length, number(prefix + "iv_tweak"), text(prefix + "encryption"), sectorBytes);
    }

    /** The names of a kind's objects with their dots: {@code keyslots.0.} */
    List<String> names(String kind) {
        List<String> names = new ArrayList<>();
        for (String key : json.keySet()) {
            int dot = key.startsWith(kind) ? key.indexOf('.', kind.length()) : -1;
            String name = dot < 0 ? "" : key.substring(0, dot + 1);
            if (!name.isEmpty() && !names.contains(name) && names.size() < MAX_OBJECTS) {
                names.add(name);
            }
        }
        return names;
    }

    String text(String key) throws StorageException {
        String value = json.get(key);
        if (value == null) {
            throw damaged("'" + key + "' is missing");
        }
        return value;
    }

    /** A number that is not negative. */
    long number(String key) throws StorageException {
        String value = text(key);
        try {
            long number = Long.parseLong(value);
            if (number >= 0) {
                return number;
            }
        } catch (NumberFormatException e) {
            throw damaged("'" + key + "' is '" + value + "'");
        }
        throw damaged("'" + key + "' is '" + value + "'");
    }
}
