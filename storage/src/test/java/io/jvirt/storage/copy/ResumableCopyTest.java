// SPDX-License-Identifier: Apache-2.0
package io.jvirt.storage.copy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.jvirt.storage.CreateRequest;
import io.jvirt.storage.DiskImage;
import io.jvirt.storage.DiskImages;
import io.jvirt.storage.ImageFormat;
import io.jvirt.storage.OpenRequest;
import io.jvirt.storage.QemuTools;
import io.jvirt.storage.StorageException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Copies that break off and go on. */
class ResumableCopyTest {
    private static final int WINDOW = 1 << 20;

    @TempDir
    Path directory;

    private Path raw;
    private Path target;

    @BeforeEach
    void source() throws IOException {
        raw = directory.resolve("source.raw");
        target = directory.resolve("target");
        byte[] bytes = new byte[5 * WINDOW + 4608];
        new Random(3).nextBytes(bytes);
        Arrays.fill(bytes, WINDOW / 2, 3 * WINDOW / 2, (byte) 0);
        Files.write(raw, bytes);
    }

    private CreateRequest request(ImageFormat format) throws IOException {
        return format == ImageFormat.RAW
                ? CreateRequest.raw(target, Files.size(raw))
                : CreateRequest.qcow2(target, Files.size(raw));
    }

    /** Copies; breaks off after so many bytes. Answers where it went on from. */
    private long copy(ImageFormat format, String what, long failAt) throws IOException {
        return copy(format, what, failAt, false);
    }

    private long copy(ImageFormat format, String what, long failAt, boolean compress) throws IOException {
        ResumableCopy copy = new ResumableCopy(request(format), what, WINDOW);
        CopySettings settings =
                new CopySettings(1, 4096, 0, true, false, Long.MAX_VALUE, compress, null, (done, total) -> {
                    if (done > failAt) {
                        throw new IllegalStateException("power cut");
                    }
                });
        try (DiskImage source = DiskImages.open(OpenRequest.of(raw).withFormat(ImageFormat.RAW))) {
            copy.run(source, settings, () -> true);
        }
        return copy.resumedAt();
    }

    @ParameterizedTest
    @EnumSource(names = {"RAW", "QCOW2"})
    void goesOnWhereItBrokeOff(ImageFormat format) throws Exception {
        assertThatThrownBy(() -> copy(format, "same", 3 * WINDOW + WINDOW / 2)).hasStackTraceContaining("power cut");
        assertThat(target).doesNotExist();
        assertThat(copy(format, "same", Long.MAX_VALUE)).isEqualTo(3 * WINDOW);
        QemuTools.ok("qemu-img", "compare", "-f", "raw", "-F", format.id(), raw.toString(), target.toString());
        if (format == ImageFormat.QCOW2) {
            QemuTools.checkClean(target);
        }
        try (var files = Files.list(directory)) {
            assertThat(files).containsExactlyInAnyOrder(raw, target);
        }
    }

    @Test
    void compressesOnBothSidesOfTheBreak() throws Exception {
        byte[] bytes = Files.readAllBytes(raw);
        for (int i = 0; i < bytes.length; i++) {
            bytes[i] = (byte) (bytes[i] & 3);
        }
        Files.write(raw, bytes);
        assertThatThrownBy(() -> copy(ImageFormat.QCOW2, "same", 3 * WINDOW + WINDOW / 2, true))
                .hasStackTraceContaining("power cut");
        assertThat(copy(ImageFormat.QCOW2, "same", Long.MAX_VALUE, true)).isEqualTo(3 * WINDOW);
        QemuTools.ok("qemu-img", "compare", "-f", "raw", "-F", "qcow2", raw.toString(), target.toString());
        QemuTools.checkClean(target);
        // Two bits of eight are left to tell, and of the disk's 81 clusters 16 are zeros.
        assertThat(QemuTools.ok("qemu-img", "check", "--output=json", target.toString()))
                .contains("\"compressed-clusters\": 65,");
        assertThat(Files.size(target)).isLessThan(Files.size(raw) / 2);
    }

    @Test
    void whatDoesNotFitIsDoneAnew() throws Exception {
        assertThatThrownBy(() -> copy(ImageFormat.RAW, "one", 3 * WINDOW)).hasStackTraceContaining("power cut");
        assertThat(copy(ImageFormat.RAW, "another", Long.MAX_VALUE)).isZero();
        assertThatThrownBy(() -> copy(ImageFormat.RAW, "one", 3 * WINDOW)).hasStackTraceContaining("power cut");
        try (FileChannel partial = FileChannel.open(directory.resolve(".target.resume"), StandardOpenOption.WRITE)) {
            partial.write(ByteBuffer.wrap(new byte[] {1, 2, 3}), 2 * WINDOW);
        }
        assertThat(copy(ImageFormat.RAW, "one", Long.MAX_VALUE)).isZero();
        QemuTools.ok("qemu-img", "compare", "-f", "raw", "-F", "raw", raw.toString(), target.toString());
    }

    @Test
    void aSourceThatChangedMeanwhileIsAnError() throws Exception {
        ResumableCopy copy = new ResumableCopy(request(ImageFormat.RAW), "x", WINDOW);
        CopySettings settings = CopySettings.standard();
        try (DiskImage source = DiskImages.open(OpenRequest.of(raw).withFormat(ImageFormat.RAW))) {
            assertThatThrownBy(() -> copy.run(source, settings, () -> false))
                    .isInstanceOf(StorageException.class)
                    .hasMessage("the source was changed while it was copied");
        }
        assertThat(target).doesNotExist();
    }
}
