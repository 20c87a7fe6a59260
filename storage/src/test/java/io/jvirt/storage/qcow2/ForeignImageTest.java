// SPDX-License-Identifier: Apache-2.0
package io.jvirt.storage.qcow2;

import static org.assertj.core.api.Assertions.assertThat;

import io.jvirt.storage.DiskImage;
import io.jvirt.storage.DiskImages;
import io.jvirt.storage.OpenRequest;
import io.jvirt.storage.QemuTools;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Images that QEMU made and wrote: read the same, and written on with their snapshots unharmed. */
@Tag("one-jdk")
class ForeignImageTest {
    private static final int SIZE = (3 << 20) + 1536;

    @TempDir
    Path directory;

    private Path image;

    @BeforeEach
    void name() {
        image = directory.resolve("foreign.qcow2");
    }

    static Stream<String> creation() {
        return Stream.of(
                "cluster_size=512",
                "cluster_size=4k,refcount_bits=1",
                "cluster_size=64k",
                "cluster_size=2M,refcount_bits=64",
                "cluster_size=64k,compat=0.10",
                "cluster_size=16k,extended_l2=on",
                "cluster_size=64k,extended_l2=on,preallocation=metadata",
                "cluster_size=64k,preallocation=metadata",
                "cluster_size=64k,lazy_refcounts=on",
                "cluster_size=64k,compression_type=zstd");
    }

    private void create(String options) {
        QemuTools.ok("qemu-img", "create", "-q", "-f", "qcow2", "-o", options, image.toString(), "" + SIZE);
    }

    /**
     * Half of each cluster is allocated and never written: a hole to whoever asks, until it has been read, as a copy does while
     * its map goes on. No more than one image in many, and none to refuse.
     */
    @Test
    void clustersThatAreStoredInPartAreNotTakenForAttacks() throws Exception {
        QemuTools.ok("qemu-img", "create", "-q", "-f", "qcow2", "-o", "preallocation=falloc", image.toString(), "320M");
        OpenRequest request = OpenRequest.of(image);
        ByteBuffer half = ByteBuffer.allocateDirect(32 << 10);
        half.put(0, (byte) 1);
        try (DiskImage disk = DiskImages.open(request.writable())) {
            for (long at = 0; at < disk.sizeBytes(); at += 64 << 10) {
                disk.write(at, half.clear());
            }
            disk.flush();
        }
        ByteBuffer all = ByteBuffer.allocateDirect(1 << 20);
        long[] mapped = {0};
        try (DiskImage disk = DiskImages.open(request);
                DiskImage reader = DiskImages.open(request)) {
            disk.map(0, disk.sizeBytes(), extent -> {
                long before = mapped[0];
                mapped[0] += extent.lengthBytes();
                if (before < 140 << 20 && mapped[0] >= 140 << 20) {
                    for (long at = mapped[0]; at < 320 << 20; at += all.capacity()) {
                        reader.read(at, all.clear().limit((int) Math.min(all.capacity(), (320 << 20) - at)));
                    }
                }
            });
        }
        assertThat(mapped[0]).isEqualTo(320 << 20);
    }

    /** Random writes, zeros and discards by qemu-io. */
    private void scribble(Random random, boolean compressed, int cluster) {
        List<String> command = new ArrayList<>(List.of("qemu-io", "-f", "qcow2", "-d", "unmap"));
        for (int i = 0; i < 40; i++) {
            int offset = random.nextInt(SIZE - 1) & -512;
            int length = Math.min(SIZE - offset, 512 * (1 + random.nextInt(200)));
            int pattern = 1 + random.nextInt(255);
            switch (random.nextInt(6)) {
                case 0 -> command.addAll(List.of("-c", "write -z " + offset + " " + length));
                case 1 -> command.addAll(List.of("-c", "discard " + offset + " " + length));
                case 2 -> {
                    if (compressed) {
                        int at = offset / cluster * cluster;
                        command.addAll(List.of(
                                "-c", "write -c -P " + pattern + " " + at + " " + Math.min(cluster, SIZE - at)));
                    }
                }
                default -> command.addAll(List.of("-c", "write -P " + pattern + " " + offset + " " + length));
            }
        }
        command.add(image.toString());
        QemuTools.run(command);
    }

    private byte[] asQemuReads(String... snapshot) throws Exception {
        Path raw = directory.resolve("judge.raw");
        List<String> command = new ArrayList<>(List.of("qemu-img", "convert", "-f", "qcow2", "-O", "raw"));
        command.addAll(List.of(snapshot));
        command.addAll(List.of(image.toString(), raw.toString()));
        QemuTools.ok(command.toArray(String[]::new));
        return Files.readAllBytes(raw);
    }

    @ParameterizedTest
    @MethodSource("creation")
    void isReadAndWrittenOn(String options) throws Exception {
        Random random = new Random(options.hashCode());
        create(options);
        boolean small = options.contains("512");
        int cluster = small ? 512 : options.contains("4k") && !options.contains("64k") ? 4096 : 65536;
        scribble(random, !options.contains("16k") && !options.contains("2M"), cluster);
        byte[] first = asQemuReads();
        expectContent(first);
        if (!options.contains("refcount_bits=1")) {
            QemuTools.ok("qemu-img", "snapshot", "-c", "one", image.toString());
            scribble(random, false, cluster);
            QemuTools.ok("qemu-img", "snapshot", "-c", "two", image.toString());
        }
        byte[] second = asQemuReads();
        expectContent(second);
        byte[] third = second.clone();
        try (DiskImage disk = DiskImages.open(OpenRequest.of(image).writable())) {
            for (int i = 0; i < 60; i++) {
                int offset = random.nextInt(SIZE - 1);
                int length = Math.min(SIZE - offset, 1 + random.nextInt(150_000));
                byte[] data = new byte[length];
                if (random.nextInt(3) == 0) {
                    disk.zero(offset, length, random.nextBoolean());
                } else {
                    random.nextBytes(data);
                    disk.write(offset, ByteBuffer.wrap(data));
                }
                System.arraycopy(data, 0, third, offset, length);
            }
        }
        QemuTools.checkClean(image);
        expectContent(third);
        assertThat(Arrays.mismatch(asQemuReads(), third)).isEqualTo(-1);
        if (!options.contains("refcount_bits=1")) {
            assertThat(Arrays.mismatch(asQemuReads("-l", "one"), first)).isEqualTo(-1);
            assertThat(Arrays.mismatch(asQemuReads("-l", "two"), second)).isEqualTo(-1);
        }
    }

    private void expectContent(byte[] expected) throws Exception {
        try (DiskImage disk = DiskImages.open(OpenRequest.of(image))) {
            ByteBuffer all = ByteBuffer.allocate(expected.length);
            disk.read(0, all);
            assertThat(Arrays.mismatch(all.array(), expected)).isEqualTo(-1);
        }
    }

    @Test
    void compressedBySource() throws Exception {
        byte[] content = new byte[SIZE];
        Random random = new Random(9);
        for (int i = 0; i < SIZE; i++) {
            content[i] = (byte) ("text".charAt(i & 3) + (random.nextInt(50) == 0 ? 1 : 0));
        }
        Path raw = directory.resolve("source.raw");
        Files.write(raw, content);
        for (String type : new String[] {"zlib", "zstd"}) {
            for (String cluster : new String[] {"512", "64k", "2M"}) {
                QemuTools.ok(
                        "qemu-img",
                        "convert",
                        "-c",
                        "-f",
                        "raw",
                        "-O",
                        "qcow2",
                        "-o",
                        "compression_type=" + type + ",cluster_size=" + cluster,
                        raw.toString(),
                        image.toString());
                expectContent(content);
            }
        }
    }
}
