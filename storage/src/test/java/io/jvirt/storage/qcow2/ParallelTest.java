// SPDX-License-Identifier: Apache-2.0
package io.jvirt.storage.qcow2;

import static org.assertj.core.api.Assertions.assertThat;

import io.jvirt.storage.CreateRequest;
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
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Several threads read, write, zero, discard and flush different ranges of one image, down to parts of one cluster. */
class ParallelTest {
    private static final int THREADS = 4;
    private static final int SIZE = 4 << 20;
    private static final int STEPS = 400;

    @TempDir
    Path directory;

    @ParameterizedTest
    @CsvSource({"65536, false, 3000", "65536, true, 3000", "4096, false, 700", "2097152, false, 512", "512, false, 5000"
    })
    @Timeout(120)
    void rangesDoNotDisturbEachOther(int cluster, boolean extended, int stripe) throws Exception {
        Path image = directory.resolve("parallel.qcow2");
        DiskImages.create(CreateRequest.qcow2(image, SIZE)
                .withQcow2(Qcow2Options.defaults().withClusterBytes(cluster).withExtendedL2(extended)));
        byte[] model = new byte[SIZE];
        ExecutorService pool = Executors.newFixedThreadPool(THREADS);
        try (DiskImage disk = DiskImages.open(OpenRequest.of(image).writable())) {
            List<Future<?>> running = new ArrayList<>();
            for (int thread = 0; thread < THREADS; thread++) {
                int number = thread;
                running.add(pool.submit(() -> {
                    scribble(disk, model, number, stripe);
                    return null;
                }));
            }
            for (Future<?> future : running) {
                future.get();
            }
            ByteBuffer all = ByteBuffer.allocate(SIZE);
            disk.read(0, all);
            assertThat(Arrays.mismatch(all.array(), model)).isEqualTo(-1);
        } finally {
            pool.shutdownNow();
        }
        QemuTools.checkClean(image);
        Path raw = directory.resolve("judge.raw");
        QemuTools.ok("qemu-img", "convert", "-O", "raw", image.toString(), raw.toString());
        assertThat(Arrays.mismatch(Files.readAllBytes(raw), model)).isEqualTo(-1);
    }

    /** Thread n owns each n-th stripe; stripes are not aligned to clusters. */
    private static void scribble(DiskImage disk, byte[] model, int number, int stripe) throws Exception {
        Random random = new Random(number);
        int stripes = SIZE / stripe / THREADS;
        for (int step = 0; step < STEPS; step++) {
            int from = (random.nextInt(stripes) * THREADS + number) * stripe;
            int offset = from + random.nextInt(stripe);
            int length = 1 + random.nextInt(from + stripe - offset);
            byte[] data = new byte[length];
            switch (random.nextInt(8)) {
                case 0 -> {
                    disk.zero(offset, length, random.nextBoolean());
                    System.arraycopy(data, 0, model, offset, length);
                }
                case 1 -> disk.flush();
                case 2, 3 -> {
                    disk.read(offset, ByteBuffer.wrap(data));
                    assertThat(Arrays.mismatch(data, 0, length, model, offset, offset + length))
                            .isEqualTo(-1);
                }
                default -> {
                    random.nextBytes(data);
                    disk.write(offset, ByteBuffer.wrap(data));
                    System.arraycopy(data, 0, model, offset, length);
                }
            }
        }
    }
}
