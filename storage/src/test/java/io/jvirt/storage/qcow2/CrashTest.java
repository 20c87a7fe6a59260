// SPDX-License-Identifier: Apache-2.0
package io.jvirt.storage.qcow2;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.jvirt.storage.CreateRequest;
import io.jvirt.storage.DiskImages;
import io.jvirt.storage.QemuTools;
import io.jvirt.storage.qcow2.format.HeaderReader;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.BitSet;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * The power goes at any write, with any part of what no sync has covered lost: the image is clean or leaks clusters, and
 * what was flushed and not written again is there.
 */
@Tag("one-jdk")
class CrashTest {
    private static final int SIZE = 3 << 20;
    private static final int STEPS = 120;
    private static final int CRASHES = 60;

    @TempDir
    Path directory;

    /** The guest's content when a flush returned, and which sectors were changed later. */
    private record Flushed(int eventCount, byte[] model, BitSet changedLater) {}

    @ParameterizedTest
    @CsvSource({
        "512, 64, false, false, 1",
        "512, 16, false, false, 2",
        "4096, 16, false, true, 3",
        "65536, 16, false, true, 4",
        "65536, 1, false, false, 5",
        "16384, 16, true, true, 6"
    })
    void leavesAtMostLeaks(int cluster, int refcountBits, boolean extended, boolean snapshot, long seed)
            throws Exception {
        Path image = directory.resolve("crash.qcow2");
        Random random = new Random(seed);
        DiskImages.create(CreateRequest.qcow2(image, SIZE)
                .withQcow2(Qcow2Options.defaults()
                        .withClusterBytes(cluster)
                        .withRefcountBits(refcountBits)
                        .withExtendedL2(extended)));
        byte[] model = new byte[SIZE];
        if (snapshot) {
            QemuTools.ok("qemu-io", "-c", "write -P 7 100k 1500k", image.toString());
            Arrays.fill(model, 100 << 10, 1600 << 10, (byte) 7);
            QemuTools.ok("qemu-img", "snapshot", "-c", "before", image.toString());
        }
        RecordingStore store = new RecordingStore(Files.readAllBytes(image));
        List<Flushed> flushes = new ArrayList<>();
        flushes.add(new Flushed(0, model.clone(), new BitSet()));
        try (Qcow2Image disk = Qcow2Opener.open(store, HeaderReader.read(store), null, null, 0)) {
            for (int step = 0; step < STEPS; step++) {
                step(disk, model, random, flushes, store);
            }
        }
        for (int i = 0; i < CRASHES; i++) {
            int events = random.nextInt(store.eventCount() + 1);
            long dice = random.nextLong();
            byte[] left = store.afterCrash(events, new Random(dice));
            Files.write(image, left);
            try {
                QemuTools.checkNotCorrupt(image);
                expectFlushed(left, events, flushes);
            } catch (Throwable e) {
                throw new AssertionError("seed " + seed + ", crash after " + events + " events, dice " + dice, e);
            }
        }
        Files.write(image, store.content());
        QemuTools.checkClean(image);
    }

    private static void step(Qcow2Image disk, byte[] model, Random random, List<Flushed> flushes, RecordingStore store)
            throws IOException {
        int offset = random.nextInt(SIZE - 1);
        int length = Math.min(SIZE - offset, 1 + random.nextInt(random.nextInt(3) == 0 ? 200_000 : 5000));
        switch (random.nextInt(10)) {
            case 0 -> {
                disk.flush();
                flushes.add(new Flushed(store.eventCount(), model.clone(), new BitSet()));
                return;
            }
            case 1 -> {
                disk.zero(offset, length, random.nextBoolean());
                Arrays.fill(model, offset, offset + length, (byte) 0);
            }
            case 2 -> {
                disk.discard(offset, length);
                ByteBuffer now = ByteBuffer.allocate(length);
                disk.read(offset, now);
                System.arraycopy(now.array(), 0, model, offset, length);
            }
            default -> {
                byte[] data = new byte[length];
                random.nextBytes(data);
                disk.write(offset, ByteBuffer.wrap(data));
                System.arraycopy(data, 0, model, offset, length);
            }
        }
        for (Flushed flushed : flushes) {
            flushed.changedLater.set(offset / 512, (offset + length - 1) / 512 + 1);
        }
    }

    private static void expectFlushed(byte[] left, int events, List<Flushed> flushes) throws IOException {
        Flushed last = flushes.get(0);
        for (Flushed flushed : flushes) {
            last = flushed.eventCount <= events ? flushed : last;
        }
        RecordingStore store = new RecordingStore(left);
        ByteBuffer content = ByteBuffer.allocate(SIZE);
        try (Qcow2Image disk = Qcow2Opener.open(store, HeaderReader.read(store), null, null, 0)) {
            disk.read(0, content);
        }
        for (int sector = last.changedLater.nextClearBit(0);
                sector < SIZE / 512;
                sector = last.changedLater.nextClearBit(sector + 1)) {
            int from = sector * 512;
            assertThat(Arrays.mismatch(content.array(), from, from + 512, last.model, from, from + 512))
                    .as("sector " + sector)
                    .isEqualTo(-1);
        }
    }

    @Test
    void aFailingDiskIsAnErrorAndLeavesTheRest() throws Exception {
        Path image = directory.resolve("full.qcow2");
        DiskImages.create(CreateRequest.qcow2(image, SIZE));
        for (int writes = 0; writes < 12; writes++) {
            RecordingStore store = new RecordingStore(Files.readAllBytes(image));
            Qcow2Image disk = Qcow2Opener.open(store, HeaderReader.read(store), null, null, 0);
            disk.write(1 << 20, ByteBuffer.wrap(new byte[] {1, 2, 3}));
            disk.flush();
            store.failAfter(writes);
            assertThatThrownBy(() -> {
                        for (int at = 0; at < SIZE; at += 100_000) {
                            disk.write(at, ByteBuffer.wrap(new byte[50_000]));
                        }
                        disk.flush();
                    })
                    .isInstanceOf(IOException.class)
                    .hasMessage("No space left on device");
            assertThatThrownBy(disk::close).isInstanceOf(IOException.class);
            Path after = directory.resolve("after.qcow2");
            Files.write(after, store.content());
            QemuTools.checkNotCorrupt(after);
        }
    }
}
