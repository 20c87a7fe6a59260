// SPDX-License-Identifier: Apache-2.0
package io.jvirt.storage.qcow2;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.jvirt.storage.CorruptImageException;
import io.jvirt.storage.DiskImage;
import io.jvirt.storage.DiskImages;
import io.jvirt.storage.OpenPolicy;
import io.jvirt.storage.OpenRequest;
import io.jvirt.storage.QemuTools;
import io.jvirt.storage.RefusedException;
import io.jvirt.storage.StorageException;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Files that are damaged or made to harm: each is an answer or a clear error, soon. */
@Tag("one-jdk")
class HostileImageTest {
    private static final int ROUNDS = 150;

    @TempDir
    Path directory;

    private Path image;

    @BeforeEach
    void name() {
        image = directory.resolve("hostile.qcow2");
    }

    private void create(String options, String size) {
        QemuTools.ok("qemu-img", "create", "-q", "-f", "qcow2", "-o", options, image.toString(), size);
    }

    private void patch(long at, int bytes, long value) throws IOException {
        try (RandomAccessFile file = new RandomAccessFile(image.toFile(), "rw")) {
            file.seek(at);
            for (int i = bytes - 1; i >= 0; i--) {
                file.write((int) (value >>> 8 * i));
            }
        }
    }

    /** Opens, maps and reads some, and writes some where asked to; only errors of the engine may come out. */
    private static void useAll(Path image, boolean write) throws IOException {
        try {
            DiskImages.describe(OpenRequest.of(image));
            OpenRequest request = OpenRequest.of(image).withPolicy(OpenPolicy.nothing());
            try (DiskImage disk = DiskImages.open(write ? request.writable() : request)) {
                long[] extents = {0};
                disk.map(0, disk.sizeBytes(), extent -> extents[0]++);
                ByteBuffer buffer = ByteBuffer.allocate((int) Math.min(1 << 20, disk.sizeBytes()));
                disk.read(0, buffer);
                disk.read(disk.sizeBytes() - buffer.capacity(), buffer.clear());
                if (write && disk.sizeBytes() > 0) {
                    disk.write(0, ByteBuffer.wrap(new byte[(int) Math.min(100_000, disk.sizeBytes())]));
                    disk.discard(0, disk.sizeBytes() / 2);
                    disk.flush();
                }
            }
        } catch (StorageException e) {
            assertThat(e.getMessage()).isNotBlank();
        }
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "cluster_size=512|1",
                "cluster_size=64k|2",
                "cluster_size=16k,extended_l2=on|3",
                "cluster_size=64k,compat=0.10|4",
                "cluster_size=4k,refcount_bits=64,preallocation=metadata|5"
            })
    @Timeout(120)
    void flippedBytesAreErrorsAtMost(String options, int seed) throws Exception {
        create(options, "8M");
        QemuTools.ok(
                "qemu-io",
                "-c",
                "write -P 1 0 300k",
                "-c",
                options.contains("preallocation") ? "write -P 3 2M 64k" : "write -c -P 3 2M 64k",
                "-c",
                "write -z 4M 200k",
                "-c",
                "write -P 2 7M 100k",
                image.toString());
        QemuTools.ok("qemu-img", "snapshot", "-c", "snap", image.toString());
        if (!options.contains("0.10")) {
            QemuTools.ok("qemu-img", "bitmap", "--add", image.toString(), "bitmap");
        }
        byte[] whole = Files.readAllBytes(image);
        Random random = new Random(seed);
        for (int round = 0; round < ROUNDS; round++) {
            byte[] damaged = whole.clone();
            int flips = 1 + random.nextInt(6);
            StringBuilder what = new StringBuilder("seed " + seed + " round " + round + ":");
            for (int i = 0; i < flips; i++) {
                int at = random.nextInt(3) == 0 ? random.nextInt(whole.length) : random.nextInt(600);
                // Tables are mostly zeros: prefer bytes that say something.
                while (at >= 600 && whole[at] == 0 && random.nextInt(50) != 0) {
                    at = random.nextInt(whole.length);
                }
                damaged[at] =
                        (byte) (random.nextBoolean() ? random.nextInt(256) : damaged[at] ^ 1 << random.nextInt(8));
                what.append(' ').append(at).append('=').append(damaged[at]);
            }
            Files.write(
                    image,
                    random.nextInt(10) == 0
                            ? java.util.Arrays.copyOf(damaged, random.nextInt(damaged.length))
                            : damaged);
            long start = System.nanoTime();
            try {
                useAll(image, round % 2 == 0);
            } catch (Throwable e) {
                throw new AssertionError(what.toString(), e);
            }
            assertThat(System.nanoTime() - start).as(what.toString()).isLessThan(10_000_000_000L);
        }
    }

    @Test
    void unknownFeaturesAreNamed() throws Exception {
        create("cluster_size=64k", "1M");
        patch(72, 8, 1L << 40 | 1L << 5);
        assertThatThrownBy(() -> DiskImages.open(OpenRequest.of(image)))
                .hasMessage("Unsupported qcow2 feature(s): Unknown incompatible feature: 10000000020");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "4|4|7|Unsupported qcow2 version 7",
                "20|4|22|Unsupported cluster size: 2^22",
                "100|4|96|qcow2 header too short",
                "100|4|131072|qcow2 header exceeds cluster size",
                "8|8|65537|Invalid backing file offset",
                "96|4|7|Reference count entry width too large; may not exceed 64 bits",
                "32|4|9|Unsupported encryption method 9",
                "36|4|4194305|Active L1 table too large",
                "40|8|77|Active L1 table offset invalid",
                "24|8|4611686018427387904|Image is too big",
                "24|8|1099511627776|L1 table is too small",
                "56|4|0|Image does not contain a reference count table",
                "56|4|129|Reference count table too large",
                "48|8|100|Reference count table offset invalid",
                "60|4|65537|Snapshot table too large"
            })
    void headerErrorsAreThoseOfQemu(long at, int bytes, long value, String message) throws Exception {
        create("cluster_size=64k", "1M");
        patch(at, bytes, value);
        assertThatThrownBy(() -> DiskImages.open(OpenRequest.of(image)))
                .isInstanceOf(StorageException.class)
                .hasMessage(message);
        assertThat(QemuTools.run(List.of("qemu-io", "-f", "qcow2", "-c", "quit", image.toString()))
                        .output())
                .contains(message);
    }

    @Test
    void aHeaderThatIsCutOffIsAnErrorWhereverItIsCut() throws Exception {
        create("compat=1.1", "4M");
        byte[] whole = Files.readAllBytes(image);
        for (int length = 0; length < 600; length++) {
            Files.write(image, Arrays.copyOf(whole, length));
            useAll(image, false);
        }
        Files.write(image, Arrays.copyOf(whole, 100));
        assertThatThrownBy(() -> DiskImages.describe(OpenRequest.of(image)))
                .isInstanceOf(StorageException.class)
                .hasMessage("qcow2 header too short");
    }

    @Test
    void corruptionNamesThePlace() throws Exception {
        create("cluster_size=64k", "1M");
        QemuTools.ok("qemu-io", "-c", "write 0 64k", image.toString());
        patch(196608, 8, 0x8000_0000_0000_0000L | 262144 + 512);
        try (DiskImage disk = DiskImages.open(OpenRequest.of(image))) {
            assertThatThrownBy(() -> disk.read(0, ByteBuffer.allocate(512)))
                    .isInstanceOfSatisfying(
                            CorruptImageException.class,
                            e -> assertThat(e.hint())
                                    .isEqualTo(image + ": L1 entry 0 at offset 196608: expected a multiple of 65536,"
                                            + " found 0x8000000000040200"))
                    .hasMessage("L2 table offset 0x40200 unaligned (L1 index: 0)");
        }
    }

    @Test
    void guestDataIsNotWrittenOverTables() throws Exception {
        create("cluster_size=64k", "1M");
        QemuTools.ok("qemu-io", "-c", "write 0 64k", image.toString());
        patch(262144, 8, 0x8000_0000_0000_0000L | 196608);
        try (DiskImage disk = DiskImages.open(OpenRequest.of(image).writable())) {
            assertThatThrownBy(() -> disk.write(0, ByteBuffer.allocate(512)))
                    .isInstanceOf(CorruptImageException.class)
                    .hasMessageContaining("overlaps with active L1 table");
        }
        assertThatThrownBy(() -> DiskImages.open(OpenRequest.of(image).writable()))
                .hasMessage("qcow2: Image is corrupt; cannot be opened read/write");
    }

    @Test
    @Timeout(20)
    void chainsThatLoopEnd() throws Exception {
        create("cluster_size=64k", "1M");
        QemuTools.ok("qemu-img", "rebase", "-u", "-b", "hostile.qcow2", "-F", "qcow2", image.toString());
        assertThatThrownBy(() -> DiskImages.open(OpenRequest.of(image)))
                .hasMessageContaining("is named by its own backing chain");
    }

    @Test
    @Timeout(20)
    void onlyAllowedFilesAreOpened() throws Exception {
        Path fifo = directory.resolve("fifo");
        QemuTools.ok("mkfifo", fifo.toString());
        create("cluster_size=64k", "1M");
        for (String name : new String[] {
            "/etc/passwd", "../../../../etc/passwd", "json:{\"driver\":\"file\",\"filename\":\"/etc/passwd\"}"
        }) {
            QemuTools.ok("qemu-img", "rebase", "-u", "-b", name, "-F", "raw", image.toString());
            assertThatThrownBy(() -> DiskImages.open(OpenRequest.of(image)))
                    .as(name)
                    .isInstanceOf(RefusedException.class)
                    .hasMessageContaining("as its backing file, which is outside what may be opened for it");
        }
        QemuTools.ok("qemu-img", "rebase", "-u", "-b", "fifo", "-F", "raw", image.toString());
        assertThatThrownBy(() -> DiskImages.open(OpenRequest.of(image))).hasMessageContaining("neither a regular file");
        Files.createSymbolicLink(directory.resolve("link"), Path.of("/etc/passwd"));
        QemuTools.ok("qemu-img", "rebase", "-u", "-b", "link", "-F", "raw", image.toString());
        assertThatThrownBy(() -> DiskImages.open(OpenRequest.of(image))).isInstanceOf(RefusedException.class);
        DiskImages.open(OpenRequest.of(image).withPolicy(OpenPolicy.everything()))
                .close();
        QemuTools.ok("qemu-img", "rebase", "-u", "-b", "nbd://localhost/x", "-F", "raw", image.toString());
        assertThatThrownBy(() -> DiskImages.open(OpenRequest.of(image))).hasMessageContaining("Unknown protocol 'nbd'");
    }

    @Test
    void dirtyImagesAreReadAndRepairedForWriting() throws Exception {
        create("cluster_size=64k,lazy_refcounts=on", "1M");
        QemuTools.run(List.of("qemu-io", "-c", "write -P 5 0 64k", "-c", "abort", image.toString()));
        try (DiskImage disk = DiskImages.open(OpenRequest.of(image))) {
            ByteBuffer start = ByteBuffer.allocate(2);
            disk.read(0, start);
            assertThat(start.array()).containsOnly(5);
        }
        // The refcount of the cluster was never written; a writer must not take it for free.
        try (DiskImage disk = DiskImages.open(OpenRequest.of(image).writable())) {
            disk.write(512 << 10, ByteBuffer.wrap(new byte[] {6, 6}));
            ByteBuffer start = ByteBuffer.allocate(2);
            disk.read(0, start);
            assertThat(start.array()).containsOnly(5);
        }
        QemuTools.checkClean(image);
    }
}
