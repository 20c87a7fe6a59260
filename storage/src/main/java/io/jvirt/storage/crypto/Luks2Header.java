// SPDX-License-Identifier: Apache-2.0
package io.jvirt.storage.crypto;

import io.jvirt.storage.FlatJson;
import io.jvirt.storage.JsonTree;
import io.jvirt.storage.StorageException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.SecureRandom;
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
    private static final int LENGTH_AT = 8;
    private static final int SEQUENCE_AT = 16;
    private static final int CHECKSUM_NAME_AT = 72;
    private static final int SALT_AT = 104;
    private static final int SALT_BYTES = 64;
    private static final int OFFSET_AT = 256;
    private static final int CHECKSUM_AT = 448;
    private static final int CHECKSUM_BYTES = 64;
    private static final long MAX_HEADER_BYTES = 4 << 20;
    private static final int MAX_OBJECTS = 32;
    private static final String JSON = "the JSON text of the LUKS2 header";
    private static final byte[] SECOND_MAGIC = {'S', 'K', 'U', 'L', (byte) 0xba, (byte) 0xbe};

    /**
     * Where the payload lies.
     *
     * @param name of the object
     * @param offset in the container
     * @param lengthBytes {@link Long#MAX_VALUE} for all that follows
     * @param firstSector the number of the payload's first sector for its initial vector
     * @param cipherName {@code aes-xts-plain64}
     * @param sectorBytes the unit of encryption, 512 to 4096
     */
    record Segment(String name, long offset, long lengthBytes, long firstSector, String cipherName, int sectorBytes) {}

    private final Map<String, Object> tree;
    private final Map<String, String> json;
    private final byte[] binary;
    private final long offset;

    private Luks2Header(Map<String, Object> tree, byte[] binary, long offset) throws StorageException {
        this.tree = tree;
        this.json = FlatJson.of(tree, JSON);
        this.binary = binary;
        this.offset = offset;
    }

    private long sequence() {
        return ByteBuffer.wrap(binary).getLong(SEQUENCE_AT);
    }

    /** Length of one copy with its JSON text; the area of the key slots follows the second one. */
    long lengthBytes() {
        return ByteBuffer.wrap(binary).getLong(LENGTH_AT);
    }

    /** The JSON text, which the caller may change before {@link #write}. */
    Map<String, Object> tree() {
        return tree;
    }

    static boolean isLuks2(HeaderStorage storage) throws IOException {
        if (storage.sizeBytes() < BINARY_BYTES) {
            return false;
        }
        ByteBuffer start = ByteBuffer.allocate(LuksHeader.START_BYTES);
        storage.read(0, start);
        return LuksHeader.isLuks2(start.flip());
    }

    /** Reads the copy that counts; a damaged one gives way to the other. */
    static Luks2Header read(HeaderStorage storage) throws IOException {
        Luks2Header best = null;
        StorageException failure = null;
        ByteBuffer start = ByteBuffer.allocate(16);
        storage.read(0, start);
        for (long offset : new long[] {0, start.getLong(LENGTH_AT)}) {
            try {
                Luks2Header found = read(storage, offset);
                best = best == null || found.sequence() > best.sequence() ? found : best;
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
        long length = binary.getLong(LENGTH_AT);
        if (!(offset == 0 ? LuksHeader.isLuks(binary) : Arrays.equals(magic, SECOND_MAGIC))
                || binary.getShort(6) != 2
                || length <= BINARY_BYTES
                || length > MAX_HEADER_BYTES
                || length > storage.sizeBytes() - offset
                || binary.getLong(OFFSET_AT) != offset
                || (offset != 0 && length != offset)) {
            throw damaged("magic, version or length at offset " + offset + " are wrong");
        }
        ByteBuffer all = ByteBuffer.allocate((int) length);
        storage.read(offset, all);
        byte[] bytes = all.array();
        byte[] checksum = Arrays.copyOfRange(bytes, CHECKSUM_AT, CHECKSUM_AT + CHECKSUM_BYTES);
        if (!Arrays.equals(checksum(bytes), checksum)) {
            throw damaged("the checksum of the header at offset " + offset + " is wrong");
        }
        String json = text(bytes, BINARY_BYTES, bytes.length - BINARY_BYTES);
        return new Luks2Header(JsonTree.parse(json, 0, JSON), binary.array(), offset);
    }

    /** The checksum of a header with its JSON text, over zeros where it is to be itself; they are in the array afterwards. */
    private static byte[] checksum(byte[] header) throws StorageException {
        HashAlgorithm hash = HashAlgorithm.ofId(text(header, CHECKSUM_NAME_AT, 32));
        Arrays.fill(header, CHECKSUM_AT, CHECKSUM_AT + CHECKSUM_BYTES, (byte) 0);
        return Arrays.copyOf(hash.newDigest().digest(header), CHECKSUM_BYTES);
    }

    /**
     * Writes the header with the tree as it is now, under the next sequence number. The copy that this one was not read
     * from goes first: at each moment one of the two is whole, and with both whole the newer one counts.
     */
    void write(HeaderStorage storage) throws IOException {
        byte[] text = JsonTree.text(tree).getBytes(StandardCharsets.UTF_8);
        int length = (int) lengthBytes();
        // A NUL ends the text.
        if (text.length >= length - BINARY_BYTES) {
            throw new StorageException("The LUKS2 header has no room for so many key slots", "erase one first");
        }
        long next = sequence() + 1;
        for (long place : new long[] {offset == 0 ? length : 0, offset}) {
            byte[] salt = new byte[SALT_BYTES];
            new SecureRandom().nextBytes(salt);
            byte[] header = Arrays.copyOf(binary, length);
            ByteBuffer fields = ByteBuffer.wrap(header);
            fields.put(0, place == 0 ? LuksHeader.magic() : SECOND_MAGIC);
            fields.putLong(SEQUENCE_AT, next).put(SALT_AT, salt).putLong(OFFSET_AT, place);
            fields.put(BINARY_BYTES, text);
            fields.put(CHECKSUM_AT, checksum(header));
            storage.write(place, ByteBuffer.wrap(header));
            storage.flush();
        }
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

    /** The objects of one kind in the tree, by name. */
    @SuppressWarnings("unchecked")
    Map<String, Object> objects(String kind) throws StorageException {
        if (tree.get(kind) instanceof Map<?, ?> objects) {
            return (Map<String, Object>) objects;
        }
        throw damaged("'" + kind + "' is missing");
    }

    /** Whether an array of names has this one. */
    boolean lists(String array, String name) {
        for (int i = 0; i < MAX_OBJECTS && json.containsKey(array + i); i++) {
            if (name.equals(json.get(array + i))) {
                return true;
            }
        }
        return false;
    }

    /** Refuses to change what would have to be understood first. */
    void checkChangeable() throws StorageException {
        for (Map.Entry<String, String> entry : json.entrySet()) {
            if (entry.getKey().startsWith("config.requirements.")) {
                throw new StorageException(
                        "The LUKS2 header asks for '" + entry.getValue() + "', so its key slots are not changed here",
                        "change them with cryptsetup luksAddKey or luksKillSlot");
            }
        }
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
        String name = prefix.substring("segments.".length(), prefix.length() - 1);
        return new Segment(name, offset, length, number(prefix + "iv_tweak"), text(prefix + "encryption"), sectorBytes);
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
