// SPDX-License-Identifier: Apache-2.0
package io.jvirt.storage.copy;

import static org.assertj.core.api.Assertions.assertThat;

import io.jvirt.storage.DiskImage;
import io.jvirt.storage.DiskImages;
import io.jvirt.storage.OpenRequest;
import io.jvirt.storage.compress.CompressionType;
import io.jvirt.storage.file.FreshFile;
import io.jvirt.storage.file.HostFile;
import io.jvirt.storage.qcow2.Qcow2Options;
import io.jvirt.storage.raw.RawImage;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Random;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Copies are judged by qemu-img. */
class ImageCopiesTest {
    private static final long SEED = 20260101;

    @TempDir
    Path temp;

    /** Data of odd lengths at odd places, among them the first and the last sector. */
    private Path disk(long sizeBytes) throws IOException {
        Path file = temp.resolve("disk.raw");
        Random random = new Random(SEED);
        try (FileChannel channel =
                FileChannel.open(file, StandardOpenOption.CREATE, StandardOpenOption.WRITE, StandardOpenOption.READ)) {
            channel.write(ByteBuffer.allocate(1), sizeBytes - 1);
            int[] lengths = {1, 512, 4096, 5000, 65536, 300_000};
            for (int i = 0; i < 60; i++) {
                byte[] data = new byte[lengths[random.nextInt(lengths.length)]];
                for (int j = 0; j < data.length; j += i % 3 == 0 ? 1 : 17) {
                    data[j] = (byte) random.nextInt();
                }
                long at = i == 0 ? 0 : random.nextLong(sizeBytes - data.length);
                channel.write(ByteBuffer.wrap(data), i == 1 ? sizeBytes - data.length : at);
            }
        }
        return file;
    }

    private static CopySettings settings(int threads, long sparseBytes, boolean compress) {
        return new CopySettings(
                threads, sparseBytes, 0, true, false, Long.MAX_VALUE, compress, null, CopyProgress.NONE);
    }

    private Path toQcow2(
            Path source, String name, Qcow2Options options, @Nullable CompressionType type, CopySettings settings)
            throws IOException {
        Path target = temp.resolve(name);
        try (DiskImage image = DiskImages.open(OpenRequest.of(source));
                FreshFile fresh = FreshFile.beside(target)) {
            ImageCopies.toNewQcow2(image, image.sizeBytes(), fresh.file(), options, type, settings);
            fresh.commit(false);
        }
        return target;
    }

    private static void qemuImg(Object... args) throws Exception {
        String[] command = new String[args.length + 1];
        command[0] = "qemu-img";
        for (int i = 0; i < args.length; i++) {
            command[i + 1] = args[i].toString();
        }
        Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
        String output = new String(process.getInputStream().readAllBytes());
        assertThat(process.waitFor())
                .as(String.join(" ", command) + "\n" + output)
                .isZero();
    }

    @ParameterizedTest
    @CsvSource({
        "3, 65536, 16, false, none",
        "2, 65536, 16, false, none",
        "3, 512, 16, false, none",
        "3, 2097152, 64, false, none",
        "3, 4096, 1, false, none",
        "3, 65536, 16, true, none",
        "3, 65536, 16, false, zlib",
        "2, 4096, 16, false, zlib",
        "3, 65536, 16, false, zstd",
        "3, 32768, 2, true, zlib",
        "3, 512, 8, false, zstd"
    })
    void aNewQcow2IsSoundAndHasTheContent(
            int version, int clusterBytes, int refcountBits, boolean extendedL2, String compression) throws Exception {
        Path source = disk(11_000_123);
        Qcow2Options options = new Qcow2Options(
                version,
                clusterBytes,
                refcountBits,
                false,
                extendedL2,
                compression.equals("zstd"),
                null,
                null,
                null,
                false);
        CompressionType type = compression.equals("none")
                ? null
                : compression.equals("zstd") ? CompressionType.ZSTD : CompressionType.ZLIB;
        Path one = toQcow2(source, "one.qcow2", options, type, settings(1, 4096, type != null));
        Path many = toQcow2(source, "many.qcow2", options, type, settings(5, 4096, type != null));
        qemuImg("check", one);
        qemuImg("compare", "-F", "raw", one, source);
        assertThat(Files.mismatch(one, many))
                .as("the layout does not depend on the threads")
                .isEqualTo(-1);
    }

    @Test
    void storesEverythingWhenNoZerosAreLookedFor() throws Exception {
        Path source = disk(5_000_000);
        Path target = toQcow2(source, "full.qcow2", Qcow2Options.defaults(), null, settings(3, 0, false));
        qemuImg("check", target);
        qemuImg("compare", "-F", "raw", target, source);
        assertThat(Files.size(target)).isGreaterThan(5_000_000);
    }

    @Test
    void leavesOutWhatTheBackingFileHas() throws Exception {
        Path base = disk(6_000_128);
        Path overlay = temp.resolve("overlay.qcow2");
        qemuImg("create", "-q", "-f", "qcow2", "-b", base, "-F", "raw", overlay);
        try (DiskImage image = DiskImages.open(OpenRequest.of(overlay).writable())) {
            image.write(100_000, ByteBuffer.wrap(new byte[] {1, 2, 3}));
            image.zero(1_000_000, 500_000, true);
        }
        Qcow2Options options = Qcow2Options.defaults().withBacking(base.toString(), "raw");
        CopySettings over = new CopySettings(2, 4096, 0, true, true, Files.size(base), false, null, CopyProgress.NONE);
        Path copy = toQcow2(overlay, "copy.qcow2", options, null, over);
        qemuImg("check", copy);
        qemuImg("compare", copy, overlay);
        assertThat(Files.size(copy)).as("only the changed clusters").isLessThan(1_000_000);
    }

    @Test
    void keepsHolesInRawTargets() throws Exception {
        Path source = disk(40_000_000);
        Path target = temp.resolve("copy.raw");
        try (DiskImage image = DiskImages.open(OpenRequest.of(source));
                FreshFile fresh = FreshFile.beside(target)) {
            fresh.file().truncate(image.sizeBytes());
            ImageCopies.toImage(image, image.sizeBytes(), new RawImage(fresh.file()), false, settings(4, 4096, false));
            fresh.commit(false);
        }
        qemuImg("compare", "-f", "raw", "-F", "raw", source, target);
        try (HostFile file = HostFile.open(target, true)) {
            assertThat(file.allocatedBytes()).isLessThan(12_000_000);
        }
    }

    @Test
    void comparesAndDigestsAlikeInEveryFormat() throws Exception {
        Path source = disk(9_000_001);
        Path qcow2 = toQcow2(source, "a.qcow2", Qcow2Options.defaults(), null, settings(2, 4096, false));
        Path packed =
                toQcow2(source, "b.qcow2", Qcow2Options.defaults(), CompressionType.ZLIB, settings(2, 4096, true));
        try (DiskImage raw = DiskImages.open(OpenRequest.of(source));
                DiskImage first = DiskImages.open(OpenRequest.of(qcow2));
                DiskImage second = DiskImages.open(OpenRequest.of(packed))) {
            String digest = ImageDigest.of(raw, 1, CopyProgress.NONE);
            assertThat(ImageDigest.of(first, 3, CopyProgress.NONE)).isEqualTo(digest);
            assertThat(ImageDigest.of(second, 2, CopyProgress.NONE)).isEqualTo(digest);
            assertThat(ImageComparison.compare(first, second, false, 3, CopyProgress.NONE))
                    .isEqualTo(new ImageComparison.Result(ImageComparison.Outcome.IDENTICAL, 0));
        }
        try (DiskImage changed = DiskImages.open(OpenRequest.of(qcow2).writable())) {
            changed.write(7_000_001, ByteBuffer.wrap(new byte[] {99}));
            changed.write(3_000_700, ByteBuffer.wrap(new byte[] {99}));
        }
        try (DiskImage first = DiskImages.open(OpenRequest.of(qcow2));
                DiskImage second = DiskImages.open(OpenRequest.of(packed))) {
            assertThat(ImageComparison.compare(first, second, false, 4, CopyProgress.NONE))
                    .isEqualTo(new ImageComparison.Result(ImageComparison.Outcome.CONTENT, 3_000_700 / 512 * 512));
            assertThat(ImageDigest.of(first, 2, CopyProgress.NONE))
                    .isNotEqualTo(ImageDigest.of(second, 2, CopyProgress.NONE));
        }
    }
}
