// SPDX-License-Identifier: Apache-2.0
package io.jvirt.storage.compress;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;

/** Data of several kinds for codecs: what disks hold, and what finds errors. */
final class SampleData {
    static final long SEED = 20260101;

    private SampleData() {}

    static List<byte[]> samples(int length) throws IOException {
        List<byte[]> samples = new ArrayList<>();
        Random random = new Random(SEED + length);
        samples.add(new byte[length]);
        samples.add(randomBytes(random, length));
        samples.add(program(length, 1 << 16));
        samples.add(text(random, length));
        samples.add(runs(random, length));
        byte[] half = randomBytes(random, length);
        System.arraycopy(text(random, length / 2), 0, half, length / 4, length / 2);
        samples.add(half);
        samples.add(skewed(random, length));
        return samples;
    }

    private static byte[] randomBytes(Random random, int length) {
        byte[] bytes = new byte[length];
        random.nextBytes(bytes);
        return bytes;
    }

    /** Bytes of real programs. */
    static byte[] program(int length, int offset) throws IOException {
        byte[] file = Files.readAllBytes(Path.of(System.getProperty("java.home"), "lib", "server", "libjvm.so"));
        byte[] bytes = new byte[length];
        for (int i = 0; i < length; i++) {
            bytes[i] = file[(offset + i) % file.length];
        }
        return bytes;
    }

    private static byte[] text(Random random, int length) {
        StringBuilder text = new StringBuilder();
        while (text.length() < length) {
            text.append("line ").append(random.nextInt(5000)).append(random.nextBoolean() ? " of the log: " : "; ");
        }
        byte[] bytes = new byte[length];
        System.arraycopy(text.toString().getBytes(StandardCharsets.US_ASCII), 0, bytes, 0, length);
        return bytes;
    }

    private static byte[] runs(Random random, int length) {
        byte[] bytes = new byte[length];
        int at = 0;
        while (at < length) {
            int end = Math.min(length, at + 1 + random.nextInt(700));
            byte value = (byte) random.nextInt(4);
            while (at < end) {
                bytes[at++] = value;
            }
        }
        return bytes;
    }

    /** Counts so uneven that unlimited Huffman codes would be longer than deflate allows. */
    private static byte[] skewed(Random random, int length) {
        byte[] bytes = new byte[length];
        for (int i = 0; i < length; i++) {
            int value = Integer.numberOfTrailingZeros(random.nextInt() | 1 << 24);
            bytes[i] = (byte) (value * 37 + (random.nextInt(64) == 0 ? random.nextInt(8) : 0));
        }
        return bytes;
    }
}
