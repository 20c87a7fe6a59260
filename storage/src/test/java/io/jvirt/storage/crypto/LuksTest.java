// SPDX-License-Identifier: Apache-2.0
package io.jvirt.storage.crypto;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.jvirt.storage.Qemu;
import io.jvirt.storage.StorageException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class LuksTest {
    private static final byte[] FIRST = "first".getBytes(UTF_8);
    private static final byte[] SECOND = "zwölf Boxkämpfer".getBytes(UTF_8);
    private static final String SECRETS_FIRST = "secret,id=first,file=first";
    private static final String SECRETS_SECOND = "secret,id=second,file=second";
    private static final int MIB = 1 << 20;

    @TempDir
    Path directory;

    @BeforeEach
    void writeSecrets() throws IOException {
        Files.write(directory.resolve("first"), FIRST);
        Files.write(directory.resolve("second"), SECOND);
    }

    private static List<String> imageOptions(String secret) {
        return List.of(
                "--object",
                SECRETS_FIRST,
                "--object",
                SECRETS_SECOND,
                "--image-opts",
                "driver=luks,key-secret=" + secret + ",file.filename=volume");
    }

    private String amend(String options) throws IOException {
        List<String> command = new ArrayList<>(List.of("qemu-img", "amend", "-o", options));
        command.addAll(imageOptions("first"));
        return Qemu.run(directory, command.toArray(new String[0])).output();
    }

    private FileContainer container() throws IOException {
        return new FileContainer(directory.resolve("volume"));
    }

    private void qemuCreates(String... arguments) throws IOException {
        List<String> command = new ArrayList<>(List.of("qemu-img", "create", "--object", SECRETS_FIRST));
        command.addAll(List.of(arguments));
        Qemu.ok(directory, command.toArray(new String[0]));
    }

    private static LuksOptions options(String algorithm, String mode, String generator, String hash) {
        return new LuksOptions(algorithm, mode, generator, null, hash, 5L);
    }

    private static byte[] read(LuksImage image, long offset, int length) throws IOException {
        ByteBuffer bytes = ByteBuffer.allocate(length);
        image.read(offset, bytes);
        return bytes.array();
    }

    private static byte[] filled(int length, int value) {
        byte[] bytes = new byte[length];
        Arrays.fill(bytes, (byte) value);
        return bytes;
    }

    @ParameterizedTest
    @CsvSource({
        "aes-256,xts,plain64,sha256",
        "aes-128,xts,plain,sha1",
        "aes-192,xts,essiv,sha512",
        "aes-128,cbc,plain64,sha384",
        "aes-128,cbc,plain,sha224",
        "aes-256,cbc,essiv,sha256",
        "aes-256,ecb,plain64,sha256",
    })
    void qemuAndThisEngineReadEachOther(String algorithm, String mode, String generator, String hash)
            throws IOException {
        if (mode.equals("xts") && hash.equals("sha256")) {
            qemuCreates(
                    "-f",
                    "luks",
                    "-o",
                    "key-secret=first,iter-time=10,cipher-alg=" + algorithm + ",cipher-mode=" + mode + ",ivgen-alg="
                            + generator + ",hash-alg=" + hash,
                    "volume",
                    "3M");
        } else {
            LuksImage.create(container(), 3 * MIB, options(algorithm, mode, generator, hash), FIRST)
                    .close();
        }
        Qemu.io(directory, imageOptions("first"), "write -P 0x11 0 3M", "write -P 0x22 1000 70000");
        try (LuksImage image = LuksImage.open(container(), FIRST)) {
            assertThat(image.sizeBytes()).isEqualTo(3 * MIB);
            assertThat(((LuksVolume) image.keySlots()).header().cipher().algorithmId())
                    .isEqualTo(algorithm);
            assertThat(read(image, 1000, 70000)).isEqualTo(filled(70000, 0x22));
            assertThat(read(image, 71000, 3 * MIB - 71000)).isEqualTo(filled(3 * MIB - 71000, 0x11));
            image.write(MIB - 13, ByteBuffer.wrap(filled(300_001, 0x33)));
        }
        Qemu.io(
                directory,
                imageOptions("first"),
                "read -P 0x11 72000 " + (MIB - 13 - 72000),
                "read -P 0x33 " + (MIB - 13) + " 300001",
                "read -P 0x11 " + (MIB - 13 + 300001) + " 100000");

        Files.delete(directory.resolve("volume"));
        try (LuksImage image =
                LuksImage.create(container(), 2 * MIB, options(algorithm, mode, generator, hash), SECOND)) {
            image.zero(0, 2 * MIB, true);
            image.write(
                    77, ByteBuffer.allocateDirect(513).put(filled(513, 0x44)).flip());
        }
        Qemu.io(
                directory,
                imageOptions("second"),
                "read -P 0 0 77",
                "read -P 0x44 77 513",
                "read -P 0 590 " + (2 * MIB - 590));
    }

    /** QEMU 7.2 aborts on such a volume: its key material is no whole number of sectors. */
    @Test
    void keyMaterialMayEndInsideASector() throws IOException {
        LuksImage.create(container(), MIB, options("aes-192", "cbc", null, null), FIRST)
                .close();
        try (LuksImage image = LuksImage.open(container(), FIRST)) {
            image.write(5, ByteBuffer.wrap(filled(5000, 9)));
            assertThat(read(image, 5, 5000)).isEqualTo(filled(5000, 9));
        }
    }

    @Test
    void keySlotsThatOneSideSetsOpenOnTheOther() throws IOException {
        LuksImage.create(container(), MIB, options(null, null, null, null), FIRST)
                .close();
        assertThat(amend("state=active,new-secret=second,iter-time=10")).isEmpty();
        try (LuksImage image = LuksImage.open(container(), SECOND)) {
            image.keySlots().addKeySlot(SECOND, "third".getBytes(UTF_8), 5, 5L, false);
            image.keySlots().eraseKeySlots(SECOND, false);
            assertThatThrownBy(() -> ((LuksVolume) image.keySlots()).unlock(SECOND))
                    .isInstanceOf(StorageException.class)
                    .hasMessage("Invalid password, cannot unlock any keyslot");
        }
        Files.write(directory.resolve("second"), "third".getBytes(UTF_8));
        Qemu.io(directory, imageOptions("second"), "write -P 5 0 1M");
        assertThat(amend("state=inactive,keyslot=5")).isEmpty();
        try (LuksImage image = LuksImage.open(container(), FIRST)) {
            assertThat(read(image, 0, MIB)).isEqualTo(filled(MIB, 5));
            assertThat(((LuksVolume) image.keySlots())
                            .header().slots().stream()
                                    .filter(LuksKeySlot::active)
                                    .count())
                    .isEqualTo(1);
        }
    }

    @Test
    void refusalsSayWhatQemuSays() throws IOException {
        LuksImage.create(container(), MIB, options(null, null, null, null), FIRST)
                .close();
        try (LuksImage image = LuksImage.open(container(), FIRST)) {
            LuksVolume volume = ((LuksVolume) image.keySlots());
            assertThatThrownBy(() -> volume.addKeySlot(FIRST, SECOND, 0, 5L, false))
                    .hasMessage(said(amend("state=active,new-secret=second,keyslot=0")));
            assertThatThrownBy(() -> volume.addKeySlot(FIRST, SECOND, 9, 5L, false))
                    .hasMessage(said(amend("state=active,new-secret=second,keyslot=9")));
            assertThatThrownBy(() -> volume.addKeySlot(SECOND, SECOND, -1, 5L, false))
                    .hasMessage("Failed to retrieve the master key");
            assertThatThrownBy(() -> volume.eraseKeySlot(0, false)).hasMessage(said(amend("state=inactive,keyslot=0")));
            assertThatThrownBy(() -> volume.eraseKeySlot(1, false)).hasMessage(said(amend("state=inactive,keyslot=1")));
            assertThatThrownBy(() -> volume.eraseKeySlot(0, SECOND, false))
                    .hasMessage(said(amend("state=inactive,keyslot=0,old-secret=second")));
            assertThatThrownBy(() -> volume.eraseKeySlots(FIRST, false))
                    .hasMessage(said(amend("state=inactive,old-secret=first")));
            assertThatThrownBy(() -> volume.eraseKeySlots(SECOND, false))
                    .hasMessage(said(amend("state=inactive,old-secret=second")));
            for (int i = 1; i < 8; i++) {
                volume.addKeySlot(FIRST, SECOND, -1, 1L, false);
            }
            assertThatThrownBy(() -> volume.addKeySlot(FIRST, SECOND, -1, 5L, false))
                    .hasMessage(said(amend("state=active,new-secret=second")));
        }
    }

    private static String said(String output) {
        assertThat(output).startsWith("qemu-img: ");
        return output.substring("qemu-img: ".length(), output.length() - 1);
    }

    /** Field offsets of the header, and values that no sound header has. */
    @ParameterizedTest
    @CsvSource({
        "0, 0, Volume is not in LUKS format",
        "6, 0x00030000, LUKS version 3 is not supported",
        "36, 0x61616161, LUKS header cipher name is not NUL terminated",
        "40, 0x78747321, Unexpected cipher mode string format 'xts!plain64'",
        "72, 0x73686139, Hash algorithm 'sha956' not supported",
        "104, 0, LUKS payload is overlapping with the header",
        "104, 100, Keyslot 0 is overlapping with the encrypted payload",
        "108, 0xffffffff, Algorithm 'aes' with key size 4294967295 bytes not supported",
        "108, 0, Algorithm 'aes' with key size 0 bytes not supported",
        "164, 0, LUKS key iteration count is zero",
        "208, 1, Keyslot 0 state (active/disable) is corrupted",
        "212, 0, Keyslot 0 iteration count is zero",
        "248, 0, Keyslot 0 is overlapping with the LUKS header",
        "248, 512, Keyslots 0 and 1 are overlapping in the header",
        "252, 0x7fffffff, Keyslot 0 is corrupted (stripes 2147483647 != 4000)",
    })
    void aHeaderThatIsNotSoundIsRefused(int offset, String value, String message) throws IOException {
        LuksImage.create(container(), MIB, options(null, null, null, null), FIRST)
                .close();
        ByteBuffer header = ByteBuffer.allocate(LuksHeader.BYTES);
        try (FileContainer container = container()) {
            container.read(0, header);
            if (offset == 36) {
                for (int i = 8; i < 40; i += 4) {
                    header.putInt(i, 0x61616161);
                }
            } else {
                header.putInt(offset, (int) Long.decode(value).longValue());
            }
            if (offset == 40) {
                header.put(8 + 32, "xts!plain64".getBytes(UTF_8));
            }
            if (offset == 72) {
                header.put(72, "sha956\0".getBytes(UTF_8));
            }
            container.write(0, header.rewind());
        }
        assertThatThrownBy(() -> LuksImage.open(container(), FIRST))
                .isInstanceOf(StorageException.class)
                .hasMessage(message);
    }

    @Test
    void endlessIterationsAndCutFilesAreRefused() throws IOException {
        LuksImage.create(container(), MIB, options(null, null, null, null), FIRST)
                .close();
        try (FileContainer container = container()) {
            container.resize(100_000);
        }
        assertThatThrownBy(() -> LuksImage.open(container(), FIRST))
                .hasMessage("Keyslot 0 lies beyond the end of the volume");
        try (FileContainer container = container()) {
            container.resize(3 * MIB);
            container.write(212, ByteBuffer.allocate(4).putInt(-1).flip());
        }
        assertThatThrownBy(() -> LuksImage.open(container(), FIRST))
                .hasMessage("the LUKS header asks for 4294967295 PBKDF2 iterations, more than 100000000");
        Files.write(directory.resolve("volume"), new byte[100]);
        assertThatThrownBy(() -> LuksImage.open(container(), FIRST)).hasMessage("Volume is not in LUKS format");
        assertThatThrownBy(() -> LuksVolume.headerBytes(options("serpent-256", null, null, null)))
                .hasMessage("Algorithm 'serpent-256' not supported");
        assertThatThrownBy(() -> LuksVolume.headerBytes(new LuksOptions(null, "cbc", "essiv", "sha1", null, null)))
                .hasMessage("No AES cipher with key size 20 available");
    }

    @Test
    void qcow2ClustersDecryptByHostOffsetWithLuksAndByGuestOffsetWithAes() throws IOException {
        for (String format : List.of("luks", "aes")) {
            qemuCreates(
                    "-f",
                    "qcow2",
                    "-o",
                    "encrypt.format=" + format + ",encrypt.key-secret=first"
                            + (format.equals("luks") ? ",encrypt.iter-time=10" : ""),
                    "image",
                    "4M");
            Qemu.io(
                    directory,
                    List.of(
                            "--object",
                            SECRETS_FIRST,
                            "--image-opts",
                            "driver=qcow2,encrypt.format=" + format + ",encrypt.key-secret=first,file.filename=image"),
                    "write -P 0x5a 128k 64k");
            try (FileContainer file = new FileContainer(directory.resolve("image"))) {
                ByteBuffer header = ByteBuffer.allocate(256);
                file.read(0, header);
                ByteBuffer entry = ByteBuffer.allocate(8);
                file.read(header.getLong(40), entry);
                long l2 = entry.getLong(0) & 0x00fffffffffffe00L;
                entry.clear();
                file.read(l2 + 2 * 8, entry);
                long hostOffset = entry.getLong(0) & 0x00fffffffffffe00L;
                SectorTransform transform;
                if (format.equals("luks")) {
                    int extension = header.getInt(100);
                    assertThat(header.getInt(extension)).isEqualTo(0x0537be77);
                    long headerOffset = header.getLong(extension + 8);
                    FileContainer place = new FileContainer(directory.resolve("image")) {
                        @Override
                        public void read(long offset, ByteBuffer target) throws IOException {
                            super.read(headerOffset + offset, target);
                        }
                    };
                    transform = LuksVolume.open(LuksImage.storage(place)).unlock(FIRST);
                    place.close();
                } else {
                    transform = SectorTransform.legacyAes(FIRST);
                }
                ByteBuffer cluster = ByteBuffer.allocate(65536);
                file.read(hostOffset, cluster);
                transform.decrypt(format.equals("luks") ? hostOffset : 128 * 1024, cluster.flip());
                assertThat(cluster.array()).isEqualTo(filled(65536, 0x5a));
            }
        }
    }

    @Test
    void everyLengthAndEveryBufferKindRoundTrips() throws IOException {
        Random random = new Random(7);
        SectorTransform transform =
                new SectorTransform(SectorCipherSpec.of(CipherMode.XTS, 64, IvGenerator.PLAIN64, null), new byte[64]);
        for (int sectors = 1; sectors < 40; sectors++) {
            byte[] plain = new byte[sectors * 512];
            random.nextBytes(plain);
            ByteBuffer heap = ByteBuffer.wrap(plain.clone());
            ByteBuffer direct =
                    ByteBuffer.allocateDirect(plain.length).put(plain).flip();
            long offset = 512L * random.nextInt(1 << 30);
            transform.encrypt(offset, heap);
            transform.encrypt(offset, direct);
            assertThat(heap.flip()).isEqualTo(direct.flip()).isNotEqualTo(ByteBuffer.wrap(plain));
            transform.decrypt(offset, direct);
            assertThat(direct.flip()).isEqualTo(ByteBuffer.wrap(plain));
        }
    }
}
