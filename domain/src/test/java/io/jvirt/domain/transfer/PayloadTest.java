// SPDX-License-Identifier: Apache-2.0
package io.jvirt.domain.transfer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.jvirt.storage.CreateRequest;
import io.jvirt.storage.DiskImage;
import io.jvirt.storage.DiskImages;
import io.jvirt.storage.ImageFormat;
import io.jvirt.storage.ImageReferences;
import io.jvirt.storage.OpenRequest;
import io.jvirt.storage.Preallocation;
import io.jvirt.storage.file.ImageInUseException;
import io.jvirt.storage.qcow2.Qcow2Options;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What is sent of files and of chains of images. */
class PayloadTest {
    private static final int MIB = 1 << 20;

    @TempDir
    Path directory;

    @Test
    void aFilesHolesAreNotItsData() throws IOException {
        Path file = directory.resolve("sparse.raw");
        try (FileChannel channel = FileChannel.open(file, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE)) {
            channel.write(bytes(7, MIB), 4L * MIB);
            channel.write(bytes(0, 1), 16L * MIB - 1);
        }
        try (Payload payload = FilePayload.open(file, null, null)) {
            assertThat(payload.lengthBytes()).isEqualTo(16L * MIB);
            assertThat(payload.nextData(0)).isEqualTo(4L * MIB);
            assertThat(payload.nextHole(4L * MIB)).isEqualTo(5L * MIB);
            assertThat(payload.dataBytes(0)).isBetween((long) MIB, MIB + 65536L);
            assertThat(payload.dataBytes(6L * MIB)).isLessThanOrEqualTo(65536);
            ByteBuffer end = ByteBuffer.allocate(4);
            payload.read(16L * MIB - 2, end);
            assertThat(end.array()).containsExactly(0, 0, 0, 0);
            assertThat(end.hasRemaining()).isFalse();
        }
    }

    @Test
    void aFilesFingerprintChangesWithItsContent() throws IOException {
        Path file = Files.write(directory.resolve("a.raw"), new byte[4096]);
        String before;
        try (Payload payload = FilePayload.open(file, null, null)) {
            before = payload.fingerprint();
            assertThat(payload.fingerprint()).isEqualTo(before);
        }
        Files.write(file, new byte[8192]);
        try (Payload payload = FilePayload.open(file, null, null)) {
            assertThat(payload.fingerprint()).isNotEqualTo(before);
        }
    }

    @Test
    void nobodyWritesToWhatIsBeingSent() throws IOException {
        Path file = image("disk.qcow2", null);
        try (Payload payload = FilePayload.open(file, null, null)) {
            assertThat(payload.lengthBytes()).isPositive();
            assertThatThrownBy(() -> DiskImages.open(OpenRequest.of(file).writable()))
                    .isInstanceOf(ImageInUseException.class);
        }
        DiskImages.open(OpenRequest.of(file).writable()).close();
    }

    @Test
    void anOverlayIsSentWithAnotherNameOfItsBackingFile() throws IOException {
        image("base.qcow2", null);
        Path overlay = image("overlay.qcow2", "base.qcow2");
        byte[] sent;
        try (Payload payload = FilePayload.open(overlay, "/elsewhere/of/a/rather/long/name/base.qcow2", null)) {
            ByteBuffer all = ByteBuffer.allocate((int) payload.lengthBytes());
            // In odd pieces: the header spans them.
            for (int at = 0; at < all.capacity(); at += 37) {
                all.limit(Math.min(all.capacity(), at + 37)).position(at);
                payload.read(at, all);
            }
            sent = all.array();
        }
        Path copy = Files.write(directory.resolve("copy.qcow2"), sent);
        assertThat(ImageReferences.read(copy).backingFile())
                .isEqualTo(Path.of("/elsewhere/of/a/rather/long/name/base.qcow2"));
        assertThat(ImageReferences.read(overlay).backingFile()).isEqualTo(directory.resolve("base.qcow2"));
    }

    @Test
    void aChainIsSentAsTheGuestSeesIt() throws IOException {
        Path base = image("base.qcow2", null);
        write(base, 10 * MIB, bytes(1, MIB));
        Path overlay = image("overlay.qcow2", "base.qcow2");
        write(overlay, 40 * MIB, bytes(2, 65536));
        try (Payload payload = GuestPayload.open(overlay, ImageFormat.QCOW2, List.of(overlay, base))) {
            assertThat(payload.lengthBytes()).isEqualTo(64L * MIB);
            assertThat(payload.nextData(0)).isEqualTo(10L * MIB);
            assertThat(payload.nextHole(10L * MIB)).isEqualTo(11L * MIB);
            assertThat(payload.nextData(11L * MIB)).isEqualTo(40L * MIB);
            assertThat(payload.nextData(41L * MIB)).isEqualTo(64L * MIB);
            assertThat(payload.dataBytes(0)).isEqualTo(MIB + 65536L);
            ByteBuffer read = ByteBuffer.allocate(2);
            payload.read(11L * MIB - 1, read);
            assertThat(read.array()).containsExactly(1, 0);
        }
    }

    private Path image(String name, String backing) throws IOException {
        Path file = directory.resolve(name);
        Qcow2Options options = Qcow2Options.defaults();
        if (backing != null) {
            options = options.withBacking(backing, "qcow2");
        }
        DiskImages.create(new CreateRequest(file, ImageFormat.QCOW2, 64L * MIB, Preallocation.OFF, options));
        return file;
    }

    private static void write(Path image, long offset, ByteBuffer data) throws IOException {
        try (DiskImage disk = DiskImages.open(OpenRequest.of(image).writable())) {
            disk.write(offset, data);
            disk.flush();
        }
    }

    private static ByteBuffer bytes(int value, int length) {
        ByteBuffer bytes = ByteBuffer.allocate(length);
        while (bytes.hasRemaining()) {
            bytes.put((byte) value);
        }
        return bytes.flip();
    }
}
