// SPDX-License-Identifier: Apache-2.0
package io.jvirt.cli.disk;

import io.jvirt.storage.DiskImage;
import io.jvirt.storage.file.PageBuffer;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/** {@code bench}: sends requests to an image and prints how long they took. Requests in flight run on threads. */
final class BenchVerb extends Verb {
    private static final int FLUSH_INTERVAL = LONG + 10;
    private static final int PATTERN = LONG + 11;
    private static final int NO_DRAIN = LONG + 12;
    private static final int COMPARE = LONG + 13;
    private static final int SIZE = LONG + 14;
    private static final long COMPARED_BYTES = 256 << 20;
    private static final int MAX_THREADS = 64;
    private static final double NANOS_PER_SECOND = 1e9;

    private int requests = 75000;
    private int depth = 64;
    private long offset;
    private int requestBytes = 4096;
    private int step;
    private int flushInterval;
    private byte pattern;
    private boolean write;
    private boolean writeThrough;
    private boolean nativeIo;

    @Override
    int run(String[] args) throws IOException {
        String format = null;
        boolean imageOpts = false;
        boolean shared = false;
        boolean compare = false;
        boolean direct = false;
        long comparedBytes = COMPARED_BYTES;
        GetOpt options = new GetOpt(
                args,
                "hc:d:f:ni:o:qs:S:t:wU",
                HELP_OPTION,
                GetOpt.valued("flush-interval", FLUSH_INTERVAL),
                IMAGE_OPTS_OPTION,
                GetOpt.valued("pattern", PATTERN),
                GetOpt.flag("no-drain", NO_DRAIN),
                GetOpt.flag("compare", COMPARE),
                GetOpt.valued("size", SIZE),
                SHARE_OPTION);
        for (int option = next(options); option != GetOpt.END; option = next(options)) {
            switch (option) {
                case 'c' -> requests = number(options.argument(), Integer.MAX_VALUE, "request count");
                case 'd' -> depth = number(options.argument(), Integer.MAX_VALUE, "queue depth");
                case 'f' -> format = options.argument();
                case 'q', NO_DRAIN -> {}
                case 'n' -> nativeIo = true;
                case 'i' -> checkAio(options.argument());
                case 'o' -> offset = Sizes.option(console(), "offset", options.argument());
                case 's' ->
                    requestBytes =
                            (int) Sizes.option(console(), "buffer size", options.argument(), 0, Integer.MAX_VALUE);
                case 'S' -> step = (int) Sizes.option(console(), "step_size", options.argument(), 0, Integer.MAX_VALUE);
                case 't' -> {
                    if (!CacheMode.isKnown(options.argument())) {
                        throw console().fail("Invalid cache mode");
                    }
                    direct = options.argument().matches("none|off|directsync");
                    writeThrough = CacheMode.isWriteThrough(options.argument());
                }
                case 'w' -> write = true;
                case COMPARE -> compare = true;
                case SIZE -> comparedBytes = Sizes.option(console(), "size", options.argument());
                case 'U' -> shared = true;
                case PATTERN -> pattern = (byte) number(options.argument(), 0xff, "pattern byte");
                case FLUSH_INTERVAL -> flushInterval = number(options.argument(), Integer.MAX_VALUE, "flush interval");
                default -> imageOpts = true;
            }
        }
        if (compare) {
            String directory = options.operands().isEmpty() ? "." : fileOperand(options);
            return new BenchComparison(console(), comparedBytes).run(Path.of(directory));
        }
        String file = fileOperand(options);
        if (!write && flushInterval > 0) {
            throw console().fail("--flush-interval is only available in write tests");
        }
        if (flushInterval > 0 && flushInterval < depth) {
            throw console().fail("Flush interval can't be smaller than depth");
        }
        Images images = new Images(console(), secrets());
        images.allowBeside(file);
        Images.Access access = write ? Images.Access.write(shared) : Images.Access.read(shared);
        try (DiskImage image = images.open(file, format, imageOpts, access)) {
            // It makes no difference here, but a script would otherwise learn of its mistake only elsewhere.
            if (nativeIo && !direct) {
                throw console()
                        .fail("Could not open '" + file + "': aio=native was specified, but it requires"
                                + " cache.direct=on, which was not specified.");
            }
            bench(image);
        }
        return 0;
    }

    private int number(String text, int most, String what) {
        long value = -1;
        try {
            value = Long.decode(text.strip());
        } catch (NumberFormatException e) {
            // Reported below, as any other number that will not do.
            value = -1;
        }
        if (value < 0 || value > most) {
            throw console().fail("Invalid " + what + " specified");
        }
        return (int) value;
    }

    private void checkAio(String mode) {
        if (!mode.equals("threads") && !mode.equals("native") && !mode.equals("io_uring")) {
            throw console().fail("Invalid aio option: " + mode);
        }
        nativeIo = mode.equals("native");
    }

    private void bench(DiskImage image) throws IOException {
        int stride = step == 0 ? requestBytes : step;
        console()
                .println("Sending " + requests + " " + (write ? "write" : "read") + " requests, " + requestBytes
                        + " bytes each, " + depth + " in parallel (starting at offset " + offset + ", step size "
                        + stride
                        + ")");
        if (flushInterval > 0) {
            console().println("Sending flush every " + flushInterval + " requests");
        }
        long start = System.nanoTime();
        IOException failure = send(image, stride);
        if (failure != null) {
            throw console().failed("Failed request: ", failure);
        }
        double seconds = (System.nanoTime() - start) / NANOS_PER_SECOND;
        console().println("Run completed in " + Numbers.fixed(seconds, 3) + " seconds.");
    }

    private @Nullable IOException send(DiskImage image, int stride) throws IOException {
        AtomicInteger next = new AtomicInteger();
        AtomicReference<IOException> failure = new AtomicReference<>();
        Thread[] threads = new Thread[Math.max(1, Math.min(depth, MAX_THREADS))];
        for (int i = 0; i < threads.length; i++) {
            threads[i] = new Thread(() -> requests(image, stride, next, failure));
            threads[i].start();
        }
        for (Thread thread : threads) {
            try {
                thread.join();
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                throw new IOException("interrupted", e);
            }
        }
        return failure.get();
    }

    private void requests(DiskImage image, int stride, AtomicInteger next, AtomicReference<IOException> failure) {
        ByteBuffer data = PageBuffer.allocate(requestBytes);
        while (data.hasRemaining()) {
            data.put(pattern);
        }
        long size = image.sizeBytes();
        try {
            for (int i = next.getAndIncrement(); i < requests && failure.get() == null; i = next.getAndIncrement()) {
                long at = size == 0 ? offset : (offset + (long) i * stride) % size;
                data.clear();
                if (write) {
                    image.write(at, data);
                    if (writeThrough || flushInterval > 0 && (i + 1) % flushInterval == 0) {
                        image.flush();
                    }
                } else {
                    image.read(at, data);
                }
            }
        } catch (IOException e) {
            failure.compareAndSet(null, e);
        }
    }
}
