// SPDX-License-Identifier: Apache-2.0
package io.jvirt.storage.crypto;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.jvirt.storage.QemuTools;
import io.jvirt.storage.file.HostFile;
import io.jvirt.storage.raw.RawImage;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.Random;
import javax.crypto.Cipher;
import javax.crypto.spec.SecretKeySpec;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Volumes that cryptsetup has made: by argon2id and PBKDF2, with sectors of 512 and 4096 bytes. */
class Luks2Test {
    private static final byte[] SECRET = "abc".getBytes(UTF_8);
    private static final int PAYLOAD = 16 << 20;

    @TempDir
    Path directory;

    private Path volume;
    private Path key;

    @BeforeEach
    void makeEmptyVolume() throws IOException {
        volume = directory.resolve("volume");
        key = Files.write(directory.resolve("key"), SECRET);
        try (RandomAccessFile file = new RandomAccessFile(volume.toFile(), "rw")) {
            file.setLength(PAYLOAD + (1 << 20));
        }
    }

    private void format(String... options) {
        String[] command = {
            "cryptsetup", "luksFormat", "-q", "--type", "luks2", "--pbkdf-memory", "32768", "--pbkdf-force-iterations"
        };
        String[] all = Arrays.copyOf(command, command.length + options.length + 2);
        System.arraycopy(options, 0, all, command.length, options.length);
        all[all.length - 2] = volume.toString();
        all[all.length - 1] = key.toString();
        QemuTools.ok(all);
    }

    private LuksImage open(byte[] secret) throws IOException {
        RawImage raw = new RawImage(HostFile.open(volume, false));
        try {
            return LuksImage.open(raw, secret);
        } catch (IOException e) {
            raw.close();
            throw e;
        }
    }

    /** Written here and read back through AES itself, with the volume key that cryptsetup tells. */
    @Test
    void sectorsOf4096BytesAreWhatTheSpecificationSays() throws Exception {
        format("4", "--pbkdf-parallel", "2", "--sector-size", "4096");
        byte[] data = new byte[20_000];
        new Random(1).nextBytes(data);
        try (LuksImage image = open(SECRET)) {
            assertThat(image.sizeBytes()).isEqualTo(1 << 20);
            image.write(8192 + 700, ByteBuffer.wrap(data));
            ByteBuffer back = ByteBuffer.allocate(data.length);
            image.read(8192 + 700, back);
            assertThat(back.array()).isEqualTo(data);
        }
        Path keyFile = directory.resolve("volume-key");
        QemuTools.ok(
                "cryptsetup",
                "luksDump",
                "-q",
                "--dump-volume-key",
                "--volume-key-file",
                keyFile.toString(),
                "--key-file",
                key.toString(),
                volume.toString());
        byte[] stored = new byte[4096];
        try (RandomAccessFile file = new RandomAccessFile(volume.toFile(), "r")) {
            file.seek(PAYLOAD + 12288);
            file.readFully(stored);
        }
        byte[] plain = xtsDecrypt(Files.readAllBytes(keyFile), stored, 12288 / 512);
        assertThat(plain).isEqualTo(Arrays.copyOfRange(data, 4096 - 700, 8192 - 700));
    }

    private static byte[] xtsDecrypt(byte[] keys, byte[] unit, long number) throws Exception {
        Cipher aes = Cipher.getInstance("AES/ECB/NoPadding");
        aes.init(Cipher.ENCRYPT_MODE, new SecretKeySpec(keys, 32, 32, "AES"));
        byte[] tweak = aes.doFinal(ByteBuffer.allocate(16)
                .order(java.nio.ByteOrder.LITTLE_ENDIAN)
                .putLong(number)
                .array());
        aes.init(Cipher.DECRYPT_MODE, new SecretKeySpec(keys, 0, 32, "AES"));
        byte[] plain = new byte[unit.length];
        for (int at = 0; at < unit.length; at += 16) {
            byte[] block = new byte[16];
            for (int i = 0; i < 16; i++) {
                block[i] = (byte) (unit[at + i] ^ tweak[i]);
            }
            block = aes.doFinal(block);
            int carry = 0;
            for (int i = 0; i < 16; i++) {
                plain[at + i] = (byte) (block[i] ^ tweak[i]);
                int doubled = (tweak[i] & 0xff) << 1 | carry;
                carry = doubled >> 8;
                tweak[i] = (byte) doubled;
            }
            tweak[0] ^= (byte) (carry * 0x87);
        }
        return plain;
    }

    /** QEMU writes a LUKS1 volume with the same key; its payload is that of a LUKS2 volume with small sectors. */
    @Test
    void sectorsOf512BytesAreThoseOfLuks1() throws Exception {
        byte[] volumeKey = new byte[64];
        new Random(2).nextBytes(volumeKey);
        String keyFile = Files.write(directory.resolve("volume-key"), volumeKey).toString();
        format("1000", "--pbkdf", "pbkdf2", "--sector-size", "512", "--volume-key-file", keyFile);
        Path first = directory.resolve("luks1");
        Files.copy(volume, first);
        QemuTools.ok(
                "cryptsetup",
                "luksFormat",
                "-q",
                "--type",
                "luks1",
                "--pbkdf-force-iterations",
                "1000",
                "--volume-key-file",
                keyFile,
                first.toString(),
                key.toString());
        byte[] data = new byte[300_000];
        new Random(3).nextBytes(data);
        try (LuksImage luks1 = LuksImage.open(new RawImage(HostFile.open(first, false)), SECRET)) {
            luks1.write(5000, ByteBuffer.wrap(data));
            long payload = ((LuksVolume) luks1.keySlots()).header().payloadOffset();
            try (RandomAccessFile from = new RandomAccessFile(first.toFile(), "r");
                    RandomAccessFile to = new RandomAccessFile(volume.toFile(), "rw")) {
                byte[] stored = new byte[1 << 19];
                from.seek(payload);
                from.readFully(stored);
                to.seek(PAYLOAD);
                to.write(stored);
            }
        }
        try (LuksImage image = open(SECRET)) {
            ByteBuffer back = ByteBuffer.allocate(data.length);
            image.read(5000, back);
            assertThat(HexFormat.of().formatHex(back.array(), 0, 64))
                    .isEqualTo(HexFormat.of().formatHex(data, 0, 64));
            assertThat(back.array()).isEqualTo(data);
        }
    }

    @Test
    void aWrongPassphraseAndADamagedHeaderAreErrors() throws Exception {
        format("4", "--pbkdf-parallel", "1", "--label", "x");
        assertThatThrownBy(() -> open("wrong".getBytes(UTF_8)))
                .hasMessage("Invalid password, cannot unlock any keyslot");
        damage(4096 + 5);
        try (LuksImage image = open(SECRET)) {
            // The second copy of the header is whole.
            assertThat(image.sizeBytes()).isEqualTo(1 << 20);
        }
        damage(16384 + 4096 + 5);
        assertThatThrownBy(() -> open(SECRET))
                .hasMessage("LUKS2 header is damaged: the checksum of the header at offset 0 is wrong");
    }

    private void damage(long offset) throws IOException {
        try (RandomAccessFile file = new RandomAccessFile(volume.toFile(), "rw")) {
            file.seek(offset);
            file.write('!');
        }
    }
}
