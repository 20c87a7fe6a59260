// SPDX-License-Identifier: Apache-2.0
package io.jvirt.storage.file;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.jvirt.storage.CreateRequest;
import io.jvirt.storage.DiskImage;
import io.jvirt.storage.DiskImages;
import io.jvirt.storage.OpenRequest;
import io.jvirt.storage.QemuTools;
import io.jvirt.storage.StorageException;
import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

class HostFileTest {
    @TempDir
    Path directory;

    private Path path;

    @BeforeEach
    void name() {
        path = directory.resolve("file");
    }

    @Test
    void findsHolesAndPunchesThem() throws Exception {
        try (HostFile file = HostFile.createNew(path)) {
            file.truncate(1 << 20);
            file.write(256 << 10, ByteBuffer.wrap(new byte[64 << 10]));
            assertThat(file.nextData(0)).isEqualTo(256 << 10);
            assertThat(file.nextHole(256 << 10)).isEqualTo(320 << 10);
            assertThat(file.nextData(320 << 10)).isEqualTo(1 << 20);
            long before = file.allocatedBytes();
            assertThat(file.punchHole(256 << 10, 32 << 10)).isTrue();
            assertThat(file.allocatedBytes()).isLessThan(before);
            assertThat(file.nextData(0)).isEqualTo(288 << 10);
            file.allocate(0, 128 << 10);
            assertThat(file.allocatedBytes()).isGreaterThanOrEqualTo(before);
            file.write(0, ByteBuffer.wrap(new byte[] {1, 2, 3}));
            file.zeroRange(0, 4096);
            ByteBuffer start = ByteBuffer.allocate(3);
            file.read(0, start);
            assertThat(start.array()).containsOnly(0);
        }
    }

    @Test
    void whatGoesOutEarlyIsThereInTheEnd() throws Exception {
        byte[] piece = new byte[1 << 20];
        Arrays.fill(piece, (byte) 7);
        try (HostFile file = HostFile.createNew(path)) {
            assertThat(file.startWriteBack()).isTrue();
            try (EarlyWriteBack early = EarlyWriteBack.of(path)) {
                for (int i = 0; i < 8; i++) {
                    file.write((long) i << 20, ByteBuffer.wrap(piece));
                    assertThat(early).isNotNull();
                }
            }
            file.sync();
        }
        assertThat(Files.readAllBytes(path)).hasSize(8 << 20).containsOnly(7);
    }

    @Test
    void allocatedSizeIsTheSameWithAndWithoutNativeCode() throws Exception {
        Files.write(path, new byte[123_456]);
        try (HostFile file = HostFile.open(path, true)) {
            long before = file.allocatedBytes();
            file.nextData(0);
            assertThat(file.allocatedBytes()).isEqualTo(before).isPositive();
        }
    }

    @Test
    void readsBeyondTheEnd() throws Exception {
        Files.write(path, new byte[] {1, 2, 3});
        try (HostFile file = HostFile.open(path, true)) {
            ByteBuffer five = ByteBuffer.allocate(5);
            file.readZeroPadded(1, five);
            assertThat(five.array()).containsExactly(2, 3, 0, 0, 0);
            assertThatThrownBy(() -> file.read(1, five.clear()))
                    .isInstanceOf(ShortReadException.class)
                    .hasMessage("Could not read '" + path + "': 5 bytes expected at offset 1, found 2");
        }
    }

    @Test
    @Timeout(10)
    void refusesWhatIsNoImage() throws Exception {
        QemuTools.ok("mkfifo", path.toString());
        assertThatThrownBy(() -> HostFile.open(path, true))
                .isInstanceOf(StorageException.class)
                .hasMessage("Could not open '" + path + "': it is neither a regular file nor a block device");
        assertThatThrownBy(() -> HostFile.open(directory.resolve("absent"), true))
                .hasMessage("Could not open '" + directory.resolve("absent") + "': No such file or directory");
    }

    @Test
    void writersExcludeEachOtherInOneProcess() throws Exception {
        DiskImages.create(CreateRequest.qcow2(path, 1 << 20));
        try (DiskImage writer = DiskImages.open(OpenRequest.of(path).writable())) {
            assertThatThrownBy(() -> DiskImages.open(OpenRequest.of(path).writable()))
                    .isInstanceOfSatisfying(
                            ImageInUseException.class,
                            e -> assertThat(e.hint()).isEqualTo("Is another process using the image [" + path + "]?"))
                    .hasMessage("Failed to get \"write\" lock");
            assertThatThrownBy(() -> DiskImages.open(OpenRequest.of(path)))
                    .hasMessage("Failed to get shared \"write\" lock");
            assertThatThrownBy(() -> DiskImages.create(CreateRequest.qcow2(path, 1 << 20)))
                    .hasMessage("Failed to get \"write\" lock");
            DiskImages.open(OpenRequest.of(path).forceShare()).close();
            assertThat(writer.sizeBytes()).isEqualTo(1 << 20);
            QemuTools.Outcome outcome =
                    QemuTools.run(java.util.List.of("qemu-io", "-c", "write 0 512", path.toString()));
            assertThat(outcome.output()).contains("Failed to get \"write\" lock");
        }
        DiskImages.open(OpenRequest.of(path).writable()).close();
    }

    @Test
    @Timeout(60)
    void respectsARunningQemu() throws Exception {
        DiskImages.create(CreateRequest.qcow2(path, 1 << 20));
        Process qemu = new ProcessBuilder("qemu-io", path.toString())
                .redirectErrorStream(true)
                .start();
        try (BufferedReader output =
                        new BufferedReader(new InputStreamReader(qemu.getInputStream(), StandardCharsets.UTF_8));
                OutputStream input = qemu.getOutputStream()) {
            input.write("read 0 512\n".getBytes(StandardCharsets.US_ASCII));
            input.flush();
            String line = output.readLine();
            assertThat(line).contains("read 512/512");
            assertThatThrownBy(() -> DiskImages.open(OpenRequest.of(path).writable()))
                    .hasMessage("Failed to get \"write\" lock");
            assertThatThrownBy(() -> DiskImages.open(OpenRequest.of(path)))
                    .hasMessage("Failed to get shared \"write\" lock");
            assertThatThrownBy(() -> DiskImages.describe(OpenRequest.of(path)))
                    .isInstanceOf(ImageInUseException.class)
                    .hasMessage("Failed to get shared \"write\" lock");
            DiskImages.describe(OpenRequest.of(path).forceShare());
            DiskImages.open(OpenRequest.of(path).forceShare()).close();
            input.write("quit\n".getBytes(StandardCharsets.US_ASCII));
            input.flush();
        } finally {
            qemu.waitFor();
        }
        DiskImages.open(OpenRequest.of(path).writable()).close();
    }
}
