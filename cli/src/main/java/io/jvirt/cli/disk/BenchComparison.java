// SPDX-License-Identifier: Apache-2.0
package io.jvirt.cli.disk;

import io.jvirt.storage.CreateRequest;
import io.jvirt.storage.DiskImage;
import io.jvirt.storage.DiskImages;
import io.jvirt.storage.OpenRequest;
import io.jvirt.storage.Preallocation;
import io.jvirt.storage.file.PageBuffer;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Random;

/**
 * {@code bench --compare}: the same work on raw and qcow2 images in a directory, side by side, and what follows from it for
 * {@code create}. The images are made for it and removed again.
 */
final class BenchComparison {
    private static final int SEQUENTIAL_BYTES = 64 << 10;
    private static final int RANDOM_BYTES = 4096;
    private static final int RANDOM_REQUESTS = 20_000;
    private static final int FLUSHED_REQUESTS = 5000;
    private static final long WARM_UP_BYTES = 16 << 20;
    private static final int BAR_COLUMNS = 24;
    private static final double CLEARLY = 1.25;

    private enum Work {
        FIRST_WRITE("first write"),
        REWRITE("rewrite"),
        RANDOM_WRITE("random write"),
        READ("read"),
        RANDOM_READ("random read");

        private final String label;

        Work(String label) {
            this.label = label;
        }
    }

    private final Console console;
    private final long sizeBytes;
    private final Map<String, Map<Work, Double>> speeds = new LinkedHashMap<>();

    BenchComparison(Console console, long sizeBytes) {
        this.console = console;
        this.sizeBytes = Math.max(1 << 20, sizeBytes / SEQUENTIAL_BYTES * SEQUENTIAL_BYTES);
    }

    int run(Path directory) throws IOException {
        if (!Files.isDirectory(directory)) {
            throw console.fail(
                    "'" + directory + "' is no directory",
                    "Name the one that disks will lie in, such as that of a pool: what counts is its file system.");
        }
        Path file = Files.createTempFile(directory, "jvirt-bench", ".img");
        try {
            // A first round warms Java up; its numbers would make the format that comes first look slow.
            new BenchComparison(console, Math.min(sizeBytes, WARM_UP_BYTES)).measureAll(file);
            measureAll(file);
        } finally {
            Files.deleteIfExists(file);
        }
        print();
        return 0;
    }

    private void measureAll(Path file) throws IOException {
        measure("raw", CreateRequest.raw(file, sizeBytes));
        measure("qcow2", CreateRequest.qcow2(file, sizeBytes));
        measure("qcow2, metadata", CreateRequest.qcow2(file, sizeBytes).withPreallocation(Preallocation.METADATA));
    }

    private void measure(String name, CreateRequest request) throws IOException {
        DiskImages.create(request);
        Map<Work, Double> speed = new EnumMap<>(Work.class);
        OpenRequest open = OpenRequest.of(request.file()).withFormat(request.format());
        try (DiskImage image = DiskImages.open(open.writable())) {
            for (Work work : Work.values()) {
                speed.put(work, mebibytesPerSecond(image, work));
            }
        }
        speeds.put(name, speed);
    }

    private double mebibytesPerSecond(DiskImage image, Work work) throws IOException {
        boolean random = work == Work.RANDOM_READ || work == Work.RANDOM_WRITE;
        boolean write = work != Work.READ && work != Work.RANDOM_READ;
        int unit = random ? RANDOM_BYTES : SEQUENTIAL_BYTES;
        long units = sizeBytes / unit;
        long requests = random ? Math.min(RANDOM_REQUESTS, units) : units;
        ByteBuffer data = PageBuffer.allocate(unit);
        while (data.hasRemaining()) {
            data.put((byte) (work.ordinal() + 1));
        }
        Random dice = new Random(1);
        long start = System.nanoTime();
        for (long i = 0; i < requests; i++) {
            long at = (random ? Math.floorMod(dice.nextLong(), units) : i) * unit;
            data.clear();
            if (write) {
                image.write(at, data);
            } else {
                image.read(at, data);
            }
            if (write && i % FLUSHED_REQUESTS == FLUSHED_REQUESTS - 1) {
                image.flush();
            }
        }
        if (write) {
            image.flush();
        }
        double seconds = Math.max(1, System.nanoTime() - start) / 1e9;
        return requests * (double) unit / (1 << 20) / seconds;
    }

    private void print() {
        Map<Work, Double> raw = speeds.getOrDefault("raw", Map.of());
        console.println("MiB a second, " + Sizes.human(sizeBytes) + ", sequential in pieces of "
                + Sizes.human(SEQUENTIAL_BYTES) + ", random of " + Sizes.human(RANDOM_BYTES));
        for (Work work : Work.values()) {
            double best = 0;
            for (Map<Work, Double> speed : speeds.values()) {
                best = Math.max(best, speed.getOrDefault(work, 0.0));
            }
            console.println(work.label + ":");
            for (Map.Entry<String, Map<Work, Double>> row : speeds.entrySet()) {
                double speed = row.getValue().getOrDefault(work, 0.0);
                int bar = (int) Math.round(BAR_COLUMNS * speed / Math.max(1e-9, best));
                console.println("  " + Numbers.left(row.getKey(), 17) + Numbers.right(Numbers.fixed(speed, 0), 7) + "  "
                        + Numbers.right(Numbers.fixed(speed / raw.getOrDefault(work, speed), 2), 6) + " of raw  "
                        + "█".repeat(Math.max(1, bar)));
            }
        }
        console.println(advice());
    }

    /** From the first write, which is where formats differ; all others work on clusters that are there. */
    private String advice() {
        double raw = speed("raw");
        double off = speed("qcow2");
        double metadata = speed("qcow2, metadata");
        if (raw < off * CLEARLY) {
            return "Here qcow2 writes about as fast as raw: create --disk SIZE needs no preallocation.";
        }
        if (metadata > off * CLEARLY) {
            return "Here the first write to a part of a qcow2 disk is slow: create --disk SIZE,preallocation=metadata.";
        }
        return "Here raw is faster to fill, whatever is preallocated: create --disk SIZE,format=raw where no snapshots are"
                + " needed.";
    }

    private double speed(String name) {
        return speeds.getOrDefault(name, Map.of()).getOrDefault(Work.FIRST_WRITE, 0.0);
    }
}
