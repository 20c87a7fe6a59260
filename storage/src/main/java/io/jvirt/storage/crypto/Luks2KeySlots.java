// SPDX-License-Identifier: Apache-2.0
package io.jvirt.storage.crypto;

import io.jvirt.storage.StorageException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.security.SecureRandom;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The key slots of a LUKS2 header (LUKS2 on-disk format specification, 3.2 and 3.5). A new slot is as hard to try as the
 * one that opened the volume.
 */
final class Luks2KeySlots extends KeySlots {
    private static final int SLOTS = 32;
    private static final int MAX_KEY_BYTES = 64;

    private final HeaderStorage storage;
    private Luks2Header header;

    /** The slot that was opened last, whose ways a new one follows. */
    private int opened = -1;

    private Luks2KeySlots(HeaderStorage storage, Luks2Header header) {
        this.storage = storage;
        this.header = header;
    }

    static Luks2KeySlots read(HeaderStorage storage) throws IOException {
        return new Luks2KeySlots(storage, Luks2Header.read(storage));
    }

    Luks2Header.Segment segment() throws StorageException {
        return header.segment();
    }

    SectorTransform unlock(byte[] passphrase) throws IOException {
        Luks2Header.Segment segment = segment();
        byte[] key = masterKey(passphrase);
        SectorTransform transform = new SectorTransform(
                cipher(segment.cipherName(), key.length), key, segment.sectorBytes(), segment.firstSector());
        Arrays.fill(key, (byte) 0);
        return transform;
    }

    @Override
    int slotCount() {
        return SLOTS;
    }

    @Override
    boolean isActive(int slot) {
        return header.names("keyslots.").contains(name(slot));
    }

    @Override
    boolean opensVolume(int slot) throws IOException {
        return isActive(slot) && digestOf(slot) != null;
    }

    private static String name(int slot) {
        return "keyslots." + slot + ".";
    }

    /** The digest of the volume key where this slot holds it; a slot may hold a key of no segment, too. */
    private @Nullable String digestOf(int slot) throws StorageException {
        for (String digest : header.names("digests.")) {
            if (header.lists(digest + "segments.", segment().name())
                    && header.lists(digest + "keyslots.", Integer.toString(slot))) {
                return digest;
            }
        }
        return null;
    }

    private static SectorCipherSpec cipher(String name, int keyBytes) throws StorageException {
        if (!name.startsWith("aes-")) {
            throw new StorageException("Algorithm '" + name + "' not supported");
        }
        return SectorCipherSpec.ofModeId(name.substring("aes-".length()), keyBytes);
    }

    private int keyBytes(String key) throws StorageException {
        long bytes = header.number(key);
        if (bytes == 0 || bytes > MAX_KEY_BYTES) {
            throw Luks2Header.damaged("a key of " + bytes + " bytes");
        }
        return (int) bytes;
    }

    @Override
    byte[] masterKey(int index, byte[] passphrase) throws IOException {
        String slot = name(index);
        String digest = isActive(index) && header.text(slot + "type").equals("luks2") ? digestOf(index) : null;
        if (digest == null) {
            return new byte[0];
        }
        byte[] key = slotKey(slot, passphrase);
        if (!isVolumeKey(digest, key)) {
            return new byte[0];
        }
        opened = index;
        return key;
    }

    /** What the passphrase makes of a slot: the volume key, or noise. */
    private byte[] slotKey(String slot, byte[] passphrase) throws IOException {
        int keyBytes = keyBytes(slot + "key_size");
        int areaKeyBytes = keyBytes(slot + "area.key_size");
        long stripes = header.number(slot + "af.stripes");
        long offset = header.number(slot + "area.offset");
        long length = keyBytes * stripes;
        if (!header.text(slot + "af.type").equals("luks1")
                || !header.text(slot + "area.type").equals("raw")
                || stripes < 1
                || stripes > LuksKeySlot.STRIPES
                || length > header.number(slot + "area.size")
                || offset > storage.sizeBytes() - length) {
            throw Luks2Header.damaged("the area of '" + slot + "' is not within the volume");
        }
        byte[] areaKey = Luks2Kdf.read(header, slot + "kdf.").derive(passphrase, areaKeyBytes);
        byte[] material = new byte[(int) length];
        storage.read(offset, ByteBuffer.wrap(material));
        LuksVolume.crypt(areaCipher(slot, areaKey), material, false);
        byte[] key = AntiForensicSplitter.merge(splitHash(slot), material, keyBytes, (int) stripes);
        Arrays.fill(material, (byte) 0);
        return key;
    }

    private SectorCipher areaCipher(String slot, byte[] areaKey) throws StorageException {
        return new SectorCipher(cipher(header.text(slot + "area.encryption"), areaKey.length), areaKey);
    }

    private HashAlgorithm splitHash(String slot) throws StorageException {
        return HashAlgorithm.ofId(header.text(slot + "af.hash"));
    }

    private boolean isVolumeKey(String digest, byte[] key) throws StorageException {
        if (!header.text(digest + "type").equals("pbkdf2")) {
            return false;
        }
        byte[] expected = Luks2Kdf.bytes(header, digest + "digest");
        HashAlgorithm hash = HashAlgorithm.ofId(header.text(digest + "hash"));
        byte[] salt = Luks2Kdf.bytes(header, digest + "salt");
        if (expected.length == 0 || expected.length > 64) {
            throw Luks2Header.damaged("a digest of " + expected.length + " bytes");
        }
        int iterations = Luks2Kdf.iterations(header, digest);
        return Arrays.equals(expected, Pbkdf2.derive(hash, key, salt, iterations, expected.length));
    }

    /** Key material first, in an area that no slot has, then the header that refers to it; last an old area is wiped. */
    @Override
    void store(int index, byte[] masterKey, byte[] passphrase, @Nullable Long milliseconds) throws IOException {
        header.checkChangeable();
        String like = name(opened);
        String digest = Objects.requireNonNull(digestOf(opened));
        Luks2Areas areas = new Luks2Areas(header, storage);
        Luks2Areas.Area old = isActive(index) ? areas.of(name(index)) : null;
        Luks2Areas.Area area = areas.free((long) masterKey.length * LuksKeySlot.STRIPES);
        int areaKeyBytes = keyBytes(like + "area.key_size");
        Luks2Kdf kdf = Luks2Kdf.read(header, like + "kdf.").renewed(areaKeyBytes, milliseconds);
        HashAlgorithm hash = splitHash(like);
        byte[] material = AntiForensicSplitter.split(hash, masterKey, LuksKeySlot.STRIPES, new SecureRandom());
        LuksVolume.crypt(areaCipher(like, kdf.derive(passphrase, areaKeyBytes)), material, true);
        storage.write(area.offset(), ByteBuffer.wrap(material));
        storage.flush();
        Map<String, Object> slot = new LinkedHashMap<>();
        slot.put("type", "luks2");
        slot.put("key_size", Luks2Kdf.number(masterKey.length));
        Map<String, Object> split = new LinkedHashMap<>();
        split.put("type", "luks1");
        split.put("stripes", Luks2Kdf.number(LuksKeySlot.STRIPES));
        split.put("hash", hash.id());
        slot.put("af", split);
        Map<String, Object> place = new LinkedHashMap<>();
        place.put("type", "raw");
        place.put("offset", Long.toString(area.offset()));
        place.put("size", Long.toString(area.bytes()));
        place.put("encryption", header.text(like + "area.encryption"));
        place.put("key_size", Luks2Kdf.number(areaKeyBytes));
        slot.put("area", place);
        slot.put("kdf", kdf.tree());
        forget(index);
        header.objects("keyslots").put(Integer.toString(index), slot);
        names("digests", digest.substring("digests.".length(), digest.length() - 1))
                .add(Integer.toString(index));
        write();
        if (old != null) {
            areas.wipe(old);
        }
    }

    /** The header first, then the key material that nothing refers to any more. */
    @Override
    void erase(int index) throws IOException {
        header.checkChangeable();
        Luks2Areas areas = new Luks2Areas(header, storage);
        Luks2Areas.Area old = isActive(index) ? areas.of(name(index)) : null;
        forget(index);
        write();
        if (old != null) {
            areas.wipe(old);
        }
    }

    private void write() throws IOException {
        header.write(storage);
        header = Luks2Header.read(storage);
    }

    /** Takes a slot out of the tree, and out of the lists of digests and tokens. */
    private void forget(int index) throws StorageException {
        header.objects("keyslots").remove(Integer.toString(index));
        for (String kind : List.of("digests", "tokens")) {
            Set<String> present =
                    header.tree().containsKey(kind) ? header.objects(kind).keySet() : Set.of();
            for (String name : present) {
                names(kind, name).remove(Integer.toString(index));
            }
        }
    }

    /** The names of the slots that a digest or a token has. */
    @SuppressWarnings("unchecked")
    private List<Object> names(String kind, String name) throws StorageException {
        if (header.objects(kind).get(name) instanceof Map<?, ?> object
                && object.get("keyslots") instanceof List<?> names) {
            return (List<Object>) names;
        }
        throw Luks2Header.damaged("'" + kind + "." + name + ".keyslots' is missing");
    }
}
