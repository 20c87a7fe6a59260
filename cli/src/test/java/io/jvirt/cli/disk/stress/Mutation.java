// SPDX-License-Identifier: Apache-2.0
package io.jvirt.cli.disk.stress;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Random;

/**
 * A damaged image: bytes, whole words, words that name another place of it, its length.
 *
 * @param holeBytes a hole behind the end, in which all that points there can lie
 */
record Mutation(byte[] bytes, long holeBytes) {
    private static final int HEADER_BYTES = 600;
    private static final long[] TELLING = {
        0, 1, -1, Long.MAX_VALUE, 1L << 62, 1L << 56, 1L << 40, 1 << 25, 65536, 0x8000_0000_0001_0000L, 0x7fff_ffffL
    };

    static Mutation of(byte[] whole, Random random) {
        byte[] bytes = whole.clone();
        int changes = 1 + random.nextInt(5);
        for (int i = 0; i < changes; i++) {
            change(bytes, random);
        }
        if (random.nextInt(12) == 0) {
            bytes = Arrays.copyOf(bytes, random.nextInt(bytes.length));
        }
        return new Mutation(bytes, random.nextInt(6) == 0 ? 1L << 20 + random.nextInt(22) : 0);
    }

    void writeTo(Path file) throws IOException {
        Files.write(file, bytes);
        if (holeBytes > 0) {
            setLength(file, bytes.length + holeBytes);
        }
    }

    /** This process itself may not make files of such a size. */
    private static void setLength(Path file, long bytes) throws IOException {
        Process tool = new ProcessBuilder(
                        "prlimit", "--fsize=unlimited", "truncate", "-s", Long.toString(bytes), file.toString())
                .inheritIO()
                .start();
        if (tool.onExit().join().exitValue() != 0) {
            throw new IOException("truncate failed");
        }
    }

    private static void change(byte[] bytes, Random random) {
        ByteBuffer words = ByteBuffer.wrap(bytes);
        switch (random.nextInt(4)) {
            case 0 -> {
                int at = place(bytes, random, 1);
                bytes[at] = (byte) (random.nextBoolean() ? random.nextInt(256) : bytes[at] ^ 1 << random.nextInt(8));
            }
            case 1 -> words.putInt(place(bytes, random, 4), (int) TELLING[random.nextInt(TELLING.length)]);
            case 2 -> words.putLong(place(bytes, random, 8), TELLING[random.nextInt(TELLING.length)]);
            default -> {
                // What another entry says: tables that share what they must not share.
                int from = place(bytes, random, 8);
                int count = 1 + (random.nextInt(3) == 0 ? random.nextInt(512) : 0);
                int to = place(bytes, random, 8);
                for (int i = 0; i < count && to + 8 * i + 8 <= bytes.length; i++) {
                    words.putLong(to + 8 * i, words.getLong(from));
                }
            }
        }
    }

    /** Tables are mostly zeros: prefers places that say something. */
    private static int place(byte[] bytes, Random random, int unit) {
        int room = Math.max(1, bytes.length - 8);
        int at = random.nextInt(3) != 0 ? random.nextInt(Math.min(room, HEADER_BYTES)) : random.nextInt(room);
        while (at >= HEADER_BYTES && bytes[at] == 0 && random.nextInt(200) != 0) {
            at = random.nextInt(room);
        }
        return Math.min(at & -unit, room - 1 & -unit);
    }
}
