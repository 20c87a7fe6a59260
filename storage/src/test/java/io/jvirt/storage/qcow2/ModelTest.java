// SPDX-License-Identifier: Apache-2.0
package io.jvirt.storage.qcow2;

import static org.assertj.core.api.Assertions.assertThat;

import io.jvirt.storage.CreateRequest;
import io.jvirt.storage.DiskImage;
import io.jvirt.storage.DiskImages;
import io.jvirt.storage.ImageFormat;
import io.jvirt.storage.OpenPolicy;
import io.jvirt.storage.OpenRequest;
import io.jvirt.storage.Preallocation;
import io.jvirt.storage.QemuTools;
import io.jvirt.storage.copy.OverlayCommit;
import io.jvirt.storage.file.FreshFile;
import io.jvirt.storage.qcow2.format.Header;
import io.jvirt.storage.qcow2.format.Snapshot;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Random writes, zeros, discards, resizes, snapshots, commits and reopenings against a byte array. A failure prints the
 * seed and the steps up to it; qemu-img judges the image and its content from time to time. {@code -Djvirt.model.steps=N}
 * sets how many steps each seed takes, {@code -Djvirt.model.seed=N} the first seed.
 */
@Tag("one-jdk")
class ModelTest {
    private static final int STEPS = Integer.getInteger("jvirt.model.steps", 400);
    private static final int FIRST_SEED = Integer.getInteger("jvirt.model.seed", 1);
    private static final int MAX_SNAPSHOTS = 5;

    @TempDir
    Path directory;

    /** What the disk held when each snapshot was taken. */
    private final Map<String, byte[]> snapshots = new HashMap<>();

    record Shape(
            String name, int seed, Qcow2Options options, Preallocation preallocation, int backingBytes, boolean data) {
        @Override
        public String toString() {
            return name + " seed " + seed;
        }
    }

    static Stream<Shape> shapes() {
        Qcow2Options base = Qcow2Options.defaults();
        Stream.Builder<Shape> shapes = Stream.builder();
        int seed = FIRST_SEED;
        for (int cluster : new int[] {512, 1024, 4096, 65536, 2 << 20}) {
            for (int bits : new int[] {1, 16, 64}) {
                Qcow2Options options = base.withClusterBytes(cluster).withRefcountBits(bits);
                shapes.add(new Shape("plain " + cluster + "/" + bits, seed++, options, Preallocation.OFF, 0, false));
            }
            Qcow2Options options = base.withClusterBytes(cluster);
            shapes.add(new Shape("backing " + cluster, seed++, options, Preallocation.OFF, 700_000, false));
            shapes.add(new Shape("prealloc " + cluster, seed++, options, Preallocation.METADATA, 0, false));
            shapes.add(new Shape("data file " + cluster, seed++, options, Preallocation.OFF, 0, true));
            shapes.add(new Shape("v2 " + cluster, seed++, options.withVersion(2), Preallocation.OFF, 0, false));
            shapes.add(new Shape(
                    "v2 backing " + cluster, seed++, options.withVersion(2), Preallocation.OFF, 300_000, false));
            if (cluster >= 16384) {
                Qcow2Options extended = options.withExtendedL2(true);
                shapes.add(new Shape("ext " + cluster, seed++, extended, Preallocation.OFF, 0, false));
                shapes.add(new Shape("ext backing " + cluster, seed++, extended, Preallocation.OFF, 900_000, false));
                shapes.add(new Shape("ext prealloc " + cluster, seed++, extended, Preallocation.METADATA, 0, false));
                shapes.add(new Shape("ext data " + cluster, seed++, extended, Preallocation.OFF, 0, true));
            }
        }
        return shapes.build();
    }

    @ParameterizedTest
    @MethodSource("shapes")
    void behavesLikeBytes(Shape shape) throws Exception {
        Random random = new Random(shape.seed);
        List<String> steps = new ArrayList<>();
        Path image = directory.resolve("model.qcow2");
        byte[] model = new byte[(1 << 20) + 512 * random.nextInt(100)];
        Qcow2Options options = shape.options;
        if (shape.backingBytes > 0) {
            byte[] backing = new byte[shape.backingBytes];
            random.nextBytes(backing);
            Files.write(directory.resolve("base.raw"), backing);
            System.arraycopy(backing, 0, model, 0, Math.min(backing.length, model.length));
            options = options.withBacking("base.raw", "raw");
        }
        if (shape.data) {
            options = options.withDataFile(directory.resolve("model.data").toString(), random.nextBoolean());
        }
        DiskImages.create(
                CreateRequest.qcow2(image, model.length).withQcow2(options).withPreallocation(shape.preallocation));
        DiskImage disk = open(image);
        try {
            for (int step = 0; step < STEPS; step++) {
                if (random.nextInt(25) == 0) {
                    model = snapshotStep(shape, (Qcow2Image) disk, model, random, steps);
                }
                model = step(disk, model, random, steps);
                if (shape.backingBytes > 0 && random.nextInt(100) == 0) {
                    deleteSnapshots((Qcow2Image) disk);
                    disk.close();
                    commit(image, random.nextBoolean(), steps);
                    disk = open(image);
                }
                if (step % 40 == 39) {
                    steps.add("reopen");
                    disk.close();
                    if (step % 200 == 199) {
                        judge(image, model);
                    }
                    disk = open(image);
                    ByteBuffer all = ByteBuffer.allocate(model.length);
                    disk.read(0, all);
                    assertThat(Arrays.mismatch(all.array(), model)).isEqualTo(-1);
                }
            }
            disk.close();
            judge(image, model);
        } catch (Throwable e) {
            throw new AssertionError(shape + " after " + String.join("\n", steps), e);
        }
    }

    private byte[] snapshotStep(Shape shape, Qcow2Image disk, byte[] model, Random random, List<String> steps)
            throws Exception {
        if (shape.data || shape.options.refcountBits() == 1) {
            return model;
        }
        String name = "s" + random.nextInt(MAX_SNAPSHOTS);
        byte[] then = snapshots.get(name);
        if (then == null) {
            steps.add("snapshot " + name);
            disk.snapshots().create(name, Instant.EPOCH);
            snapshots.put(name, model.clone());
            return model;
        }
        Snapshot snapshot = Objects.requireNonNull(disk.snapshots().findByName(name));
        if (random.nextBoolean()) {
            steps.add("delete " + name);
            disk.snapshots().delete(snapshot);
            snapshots.remove(name);
            return model;
        }
        steps.add("apply " + name);
        disk.snapshots().apply(snapshot);
        return then.clone();
    }

    /** What a snapshot sees of the backing file would change with it. */
    private void deleteSnapshots(Qcow2Image disk) throws Exception {
        for (Snapshot snapshot : disk.snapshots().list()) {
            disk.snapshots().delete(snapshot);
        }
        snapshots.clear();
    }

    private void commit(Path image, boolean empty, List<String> steps) throws Exception {
        steps.add("commit " + empty);
        Header header;
        try (DiskImage overlay = DiskImages.open(OpenRequest.of(image)
                        .withFormat(ImageFormat.QCOW2)
                        .withPolicy(OpenPolicy.ownDirectory())
                        .withoutBacking());
                DiskImage base = DiskImages.open(OpenRequest.of(directory.resolve("base.raw"))
                        .withFormat(ImageFormat.RAW)
                        .withPolicy(OpenPolicy.ownDirectory())
                        .writable())) {
            header = ((Qcow2Image) overlay).header();
            OverlayCommit.copyDown(List.of(overlay), base, 0, (done, total) -> {});
        }
        if (empty) {
            try (FreshFile fresh = FreshFile.besideInUse(image)) {
                OverlayCommit.writeEmpty(fresh.file(), header);
                fresh.commit(true);
            }
        }
    }

    private static DiskImage open(Path image) throws Exception {
        return DiskImages.open(OpenRequest.of(image)
                .withFormat(ImageFormat.QCOW2)
                .withPolicy(OpenPolicy.ownDirectory())
                .writable());
    }

    private void judge(Path image, byte[] model) throws Exception {
        QemuTools.checkClean(image);
        Path raw = directory.resolve("judge.raw");
        QemuTools.ok("qemu-img", "convert", "-f", "qcow2", "-O", "raw", image.toString(), raw.toString());
        assertThat(Arrays.mismatch(Files.readAllBytes(raw), model)).isEqualTo(-1);
    }

    private byte[] step(DiskImage disk, byte[] model, Random random, List<String> steps) throws Exception {
        int offset = random.nextInt(model.length);
        int length = Math.min(model.length - offset, 1 + random.nextInt(random.nextInt(4) == 0 ? 300_000 : 5000));
        if (random.nextBoolean()) {
            offset &= -512;
            length = Math.min(model.length - offset, (length + 511) & -512);
        }
        int choice = random.nextInt(100);
        if (choice < 45) {
            byte[] data = new byte[length];
            random.nextBytes(data);
            steps.add("write " + offset + " " + length);
            disk.write(offset, ByteBuffer.wrap(data));
            System.arraycopy(data, 0, model, offset, length);
        } else if (choice < 60) {
            boolean unmap = random.nextBoolean();
            steps.add("zero " + offset + " " + length + " " + unmap);
            disk.zero(offset, length, unmap);
            Arrays.fill(model, offset, offset + length, (byte) 0);
        } else if (choice < 70) {
            steps.add("discard " + offset + " " + length);
            disk.discard(offset, length);
            // What a discarded range reads as is the image's affair: take it over.
            ByteBuffer now = ByteBuffer.allocate(length);
            disk.read(offset, now);
            System.arraycopy(now.array(), 0, model, offset, length);
        } else if (choice < 94) {
            steps.add("read " + offset + " " + length);
            ByteBuffer data = ByteBuffer.allocate(length);
            disk.read(offset, data);
            assertThat(Arrays.mismatch(data.array(), 0, length, model, offset, offset + length))
                    .isEqualTo(-1);
        } else if (choice < 97) {
            steps.add("flush");
            disk.flush();
        } else {
            int size = 512 * (1 + random.nextInt(4000));
            steps.add("resize " + size);
            if (size < model.length || ((Qcow2Image) disk).header().version() == 2) {
                // Refused while there are snapshots, as QEMU does.
                deleteSnapshots((Qcow2Image) disk);
            }
            disk.resize(size);
            return Arrays.copyOf(model, size);
        }
        return model;
    }
}
