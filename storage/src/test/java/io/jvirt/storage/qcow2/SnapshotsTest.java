// SPDX-License-Identifier: Apache-2.0
package io.jvirt.storage.qcow2;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.jvirt.storage.DiskImages;
import io.jvirt.storage.OpenRequest;
import io.jvirt.storage.Qemu;
import io.jvirt.storage.StorageException;
import io.jvirt.storage.qcow2.format.Snapshot;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Objects;
import java.util.Random;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class SnapshotsTest {
    private static final Instant TIME = Instant.ofEpochSecond(1_700_000_000, 123_000_000);

    @TempDir
    Path directory;

    private Path path;

    @BeforeEach
    void nameImage() {
        path = directory.resolve("image.qcow2");
    }

    private void create(String options, String size) throws IOException {
        Qemu.ok(directory, "qemu-img", "create", "-q", "-f", "qcow2", "-o", options, path.toString(), size);
    }

    private Qcow2Image open() throws IOException {
        return (Qcow2Image) DiskImages.open(OpenRequest.of(path).writable());
    }

    private void qemuIo(String... commands) throws IOException {
        Qemu.io(directory, List.of("-f", "qcow2", path.toString()), commands);
    }

    private void assertClean() throws IOException {
        assertThat(Qemu.run(directory, "qemu-img", "check", path.toString()).output())
                .contains("No errors were found");
    }

    private static Snapshot required(Qcow2Image image, String name) throws IOException {
        return Objects.requireNonNull(image.snapshots().find(name));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "compat=1.1",
                "compat=0.10",
                "cluster_size=512",
                "cluster_size=2M",
                "refcount_bits=8",
                "refcount_bits=64",
                "extended_l2=on",
                "preallocation=metadata"
            })
    void snapshotsOfEitherSideWorkOnTheOther(String options) throws IOException {
        create(options, "5M");
        qemuIo("write -P 1 0 3M");
        try (Qcow2Image image = open()) {
            assertThat(image.snapshots().create("ours", TIME).id()).isEqualTo("1");
        }
        assertClean();
        assertThat(Qemu.ok(directory, "qemu-img", "snapshot", "-l", path.toString()))
                .contains("ours");
        qemuIo("write -P 2 1M 512k", "read -P 1 0 1M", "read -P 2 1M 512k");
        Qemu.ok(directory, "qemu-img", "snapshot", "-c", "theirs", path.toString());
        try (Qcow2Image image = open()) {
            image.write(2 << 20, ByteBuffer.allocate(300_000));
            assertThat(image.snapshots().list()).extracting(Snapshot::name).containsExactly("ours", "theirs");
            image.snapshots().apply(required(image, "ours"));
        }
        assertClean();
        qemuIo("read -P 1 0 3M", "write -P 3 0 64k");
        try (Qcow2Image image = open()) {
            image.snapshots().apply(required(image, "2"));
            image.snapshots().delete(required(image, "ours"));
        }
        assertClean();
        qemuIo("read -P 1 0 1M", "read -P 2 1M 512k", "read -P 1 1536k 1536k", "write -P 4 0 5M");
        Qemu.ok(directory, "qemu-img", "snapshot", "-d", "theirs", path.toString());
        assertClean();
        qemuIo("read -P 4 0 5M");
    }

    @Test
    void aSnapshotBringsItsSizeBack() throws IOException {
        create("cluster_size=64k", "1M");
        qemuIo("write -P 1 0 1M");
        try (Qcow2Image image = open()) {
            image.snapshots().create("small", TIME);
            image.resize(600L << 20);
            image.write(599 << 20, ByteBuffer.allocate(100));
            image.snapshots().create("large", TIME);
            image.snapshots().apply(required(image, "small"));
            assertThat(image.sizeBytes()).isEqualTo(1 << 20);
        }
        assertClean();
        qemuIo("read -P 1 0 1M");
        try (Qcow2Image image = open()) {
            image.snapshots().apply(required(image, "large"));
            assertThat(image.sizeBytes()).isEqualTo(600L << 20);
            image.snapshots().delete(required(image, "small"));
            image.snapshots().delete(required(image, "large"));
            assertThat(image.snapshots().list()).isEmpty();
        }
        assertClean();
    }

    @ParameterizedTest
    @ValueSource(longs = {11, 12})
    void aRandomWalkKeepsEverySnapshotsContent(long seed) throws IOException {
        Random random = new Random(seed);
        create(seed == 11 ? "cluster_size=4k" : "extended_l2=on,cluster_size=16k", "2M");
        byte[] disk = new byte[2 << 20];
        java.util.Map<String, byte[]> kept = new java.util.LinkedHashMap<>();
        Qcow2Image image = open();
        for (int step = 0; step < 300; step++) {
            String as = "seed " + seed + " step " + step;
            switch (random.nextInt(10)) {
                case 0 -> {
                    String name = "s" + step;
                    image.snapshots().create(name, TIME);
                    kept.put(name, disk.clone());
                }
                case 1 -> {
                    if (!kept.isEmpty()) {
                        String name = List.copyOf(kept.keySet()).get(random.nextInt(kept.size()));
                        image.snapshots().apply(required(image, name));
                        disk = kept.get(name).clone();
                    }
                }
                case 2 -> {
                    if (kept.size() > 3) {
                        String name = List.copyOf(kept.keySet()).get(random.nextInt(kept.size()));
                        image.snapshots().delete(required(image, name));
                        kept.remove(name);
                    }
                }
                case 3 -> {
                    int offset = random.nextInt(disk.length - 100_000);
                    int length = random.nextInt(100_000);
                    image.zero(offset, length, random.nextBoolean());
                    java.util.Arrays.fill(disk, offset, offset + length, (byte) 0);
                }
                case 4 -> {
                    image.close();
                    if (step % 3 == 0) {
                        assertClean();
                    }
                    image = open();
                }
                default -> {
                    byte[] data = new byte[1 + random.nextInt(60_000)];
                    random.nextBytes(data);
                    int offset = random.nextInt(disk.length - data.length);
                    image.write(offset, ByteBuffer.wrap(data));
                    System.arraycopy(data, 0, disk, offset, data.length);
                }
            }
            ByteBuffer found = ByteBuffer.allocate(disk.length);
            image.read(0, found);
            assertThat(found.array().length).isEqualTo(disk.length);
            assertThat(java.util.Arrays.mismatch(found.array(), disk)).as(as).isEqualTo(-1);
        }
        image.close();
        assertClean();
    }

    @Test
    void whatCannotHaveASnapshotSaysWhy() throws IOException {
        create("refcount_bits=1", "1M");
        qemuIo("write -P 1 0 1M");
        try (Qcow2Image image = open()) {
            assertThatThrownBy(() -> image.snapshots().create("x", TIME))
                    .isInstanceOf(StorageException.class)
                    .hasMessageContaining("a refcount of 1 bits cannot count one more snapshot");
        }
        assertClean();
        create("data_file=" + directory.resolve("data"), "1M");
        try (Qcow2Image image = open()) {
            assertThatThrownBy(() -> image.snapshots().create("x", TIME))
                    .hasMessageContaining("cannot have internal snapshots");
            assertThatThrownBy(() ->
                            image.snapshots().delete(new Snapshot(null, "1", "gone", 0, 0, 0, 0, 0, 0, new byte[0])))
                    .hasMessageEndingWith("has no snapshot 'gone'");
        }
    }
}
