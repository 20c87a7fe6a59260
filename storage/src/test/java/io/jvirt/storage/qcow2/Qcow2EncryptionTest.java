// SPDX-License-Identifier: Apache-2.0
package io.jvirt.storage.qcow2;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.jvirt.storage.CreateRequest;
import io.jvirt.storage.DiskImages;
import io.jvirt.storage.ImageFormat;
import io.jvirt.storage.OpenRequest;
import io.jvirt.storage.Preallocation;
import io.jvirt.storage.Qemu;
import io.jvirt.storage.StorageException;
import io.jvirt.storage.crypto.LuksOptions;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class Qcow2EncryptionTest {
    private static final byte[] PASSPHRASE = "open sesame".getBytes(UTF_8);
    private static final LuksOptions QUICK = new LuksOptions(null, null, null, null, null, 5L);

    @TempDir
    Path directory;

    private Path path;

    @BeforeEach
    void nameImage() throws IOException {
        path = directory.resolve("image.qcow2");
        Files.write(directory.resolve("secret"), PASSPHRASE);
    }

    private Qcow2Image open() throws IOException {
        return (Qcow2Image)
                DiskImages.open(OpenRequest.of(path).withPassphrase(PASSPHRASE).writable());
    }

    private void create(Qcow2Options options, LuksOptions luks) throws IOException {
        DiskImages.create(new CreateRequest(path, ImageFormat.QCOW2, 8 << 20, Preallocation.OFF, options));
        try (Qcow2Image image =
                (Qcow2Image) DiskImages.open(OpenRequest.of(path).writable())) {
            image.structure().encrypt(luks, PASSPHRASE);
        }
    }

    private void qemuIo(String format, String... commands) throws IOException {
        Qemu.io(
                directory,
                List.of(
                        "--object",
                        "secret,id=s,file=secret",
                        "--image-opts",
                        "driver=qcow2,encrypt.format=" + format + ",encrypt.key-secret=s,file.filename=image.qcow2"),
                commands);
    }

    private static byte[] read(Qcow2Image image, int offset, int length) throws IOException {
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
    @ValueSource(strings = {"luks", "aes", "luks-512", "luks-extended"})
    void bothSidesReadAndWrite(String kind) throws IOException {
        Qcow2Options options = Qcow2Options.defaults();
        if (kind.equals("luks-512")) {
            options = options.withClusterBytes(512);
        } else if (kind.equals("luks-extended")) {
            options = options.withExtendedL2(true);
        }
        String format = kind.equals("aes") ? "aes" : "luks";
        create(options, format.equals("aes") ? null : QUICK);
        qemuIo(format, "read -P 0 0 8M", "write -P 1 100k 300k", "write -P 2 1000001 33");
        try (Qcow2Image image = open()) {
            assertThat(read(image, 100 << 10, 300 << 10)).isEqualTo(filled(300 << 10, 1));
            assertThat(read(image, 1000001, 33)).isEqualTo(filled(33, 2));
            assertThat(read(image, 1000034, 5000)).isEqualTo(new byte[5000]);
            image.write(123_457, ByteBuffer.wrap(filled(200_003, 3)));
            image.zero(5 << 20, 70_000, true);
            image.write((6 << 20) + 7, ByteBuffer.wrap(filled(1, 4)));
        }
        qemuIo(
                format,
                "read -P 1 100k 21057",
                "read -P 3 123457 200003",
                "read -P 1 323460 86140",
                "read -P 0 " + (6 << 20) + " 7",
                "read -P 4 " + ((6 << 20) + 7) + " 1");
        assertThat(Qemu.run(
                                directory,
                                "qemu-img",
                                "check",
                                "--object",
                                "secret,id=s,file=secret",
                                "--image-opts",
                                "driver=qcow2,encrypt.format=" + format
                                        + ",encrypt.key-secret=s,file.filename=image.qcow2")
                        .output())
                .contains("No errors were found");
    }

    @Test
    void keySlotsOfAnImageChange() throws IOException {
        create(Qcow2Options.defaults(), QUICK);
        try (Qcow2Image image = open()) {
            image.structure().encryption().addKeySlot(PASSPHRASE, "second".getBytes(UTF_8), -1, 5L, false);
            image.structure().encryption().eraseKeySlot(0, false);
        }
        assertThatThrownBy(this::open).hasMessage("Invalid password, cannot unlock any keyslot");
        Files.write(directory.resolve("secret"), "second".getBytes(UTF_8));
        qemuIo("luks", "write -P 9 0 64k", "read -P 9 0 64k");
    }

    @Test
    void withoutPassphraseOrHeaderItSaysSo() throws IOException {
        create(Qcow2Options.defaults(), QUICK);
        assertThatThrownBy(() -> DiskImages.open(OpenRequest.of(path)))
                .isInstanceOf(StorageException.class)
                .hasMessage("Parameter 'encrypt.key-secret' is required for cipher");
        byte[] bytes = Files.readAllBytes(path);
        ByteBuffer image = ByteBuffer.wrap(bytes);
        int at = image.getInt(100);
        while (image.getInt(at) != 0x0537be77) {
            at += 8 + (image.getInt(at + 4) + 7) / 8 * 8;
        }
        for (long offset : new long[] {0, 1, 1L << 40, -65536}) {
            image.putLong(at + 8, offset);
            Files.write(path, bytes);
            assertThatThrownBy(this::open).hasMessageContaining("is not within the file");
        }
        image.putInt(at, 0x11223344);
        Files.write(path, bytes);
        assertThatThrownBy(this::open).hasMessageEndingWith("does not say where its LUKS header is");
        DiskImages.create(
                new CreateRequest(path, ImageFormat.QCOW2, 8 << 20, Preallocation.OFF, Qcow2Options.defaults()));
        assertThatThrownBy(this::open).hasMessageStartingWith("No encryption in image header");
    }
}
