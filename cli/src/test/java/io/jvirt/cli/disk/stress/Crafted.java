// SPDX-License-Identifier: Apache-2.0
package io.jvirt.cli.disk.stress;

import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;

/**
 * Images that ask for more than they are: made by hand, each of one idea. Those that QEMU's tools were seen to crash on, to
 * run for ever on or to print gigabytes about are among them.
 */
final class Crafted {
    private static final long COPIED = 1L << 63;
    private static final int L1_AT = 3;
    private static final int MAX_L1_ENTRIES = 1 << 22;

    private final Path directory;

    private Crafted(Path directory) {
        this.directory = directory;
    }

    static void make(Path directory) throws IOException, InterruptedException {
        Crafted crafted = new Crafted(directory);
        crafted.encryptedWithoutKeyPlace();
        crafted.ownBackingFile();
        Corpus.run(directory, "mkfifo", "fifo.base");
        crafted.backedBy("fifo", "fifo.base");
        crafted.backedBy("host-file", "/etc/passwd");
        crafted.backedBy("json", "json:{\"driver\":\"file\",\"filename\":\"/etc/passwd\"}");
        crafted.backedBy("nul", "a\0b");
        crafted.backedBy("nul-in-json", "json:{\"driver\":\"file\",\"filename\":\"a\\u0000b\"}");
        crafted.hostDataFile();
        for (int bits : new int[] {9, 16, 21}) {
            crafted.crossLinked("cross-linked-" + bits, bits, COPIED, COPIED);
        }
        crafted.crossLinked("alternating", 16, COPIED, 1);
        crafted.crossLinked("compressed-bomb", 16, 1L << 62, 1L << 62);
        crafted.crossLinked("nothing-but-zeros", 16, 1, 0);
        crafted.oneClusterForAll();
        crafted.tablesInHoles(9);
        crafted.tablesInHoles(16);
        crafted.oneTableAlternates();
        crafted.spreadOverTheFile();
        crafted.manySnapshots();
        crafted.manyBitmaps();
        crafted.refcountsCrossLinked("refcounts", 0x0001_0001_0001_0001L);
        crafted.refcountsCrossLinked("large-refcounts", 0x0fff_0fff_0fff_0fffL);
        crafted.soundAllOverTheFile();
        crafted.hugeAndEmpty();
    }

    /** A file with a header of version 3 that gives it one refcount block and an L1 table from its fourth cluster on. */
    private final class Image implements AutoCloseable {
        final RandomAccessFile file;
        final int bits;

        Image(String name, int bits, long sizeBytes, int l1Entries) throws IOException {
            this.bits = bits;
            file = new RandomAccessFile(directory.resolve(name + ".qcow2").toFile(), "rw");
            ByteBuffer header = ByteBuffer.allocate(104);
            header.putInt(0x514649fb)
                    .putInt(3)
                    .putLong(0)
                    .putInt(0)
                    .putInt(bits)
                    .putLong(sizeBytes)
                    .putInt(0);
            header.putInt(l1Entries)
                    .putLong(at(L1_AT))
                    .putLong(at(1))
                    .putInt(1)
                    .putInt(0)
                    .putLong(0);
            header.putLong(0).putLong(0).putLong(0).putInt(4).putInt(104);
            file.write(header.array());
            word(at(1), at(2));
        }

        long at(long cluster) {
            return cluster << bits;
        }

        void word(long offset, long value) throws IOException {
            file.seek(offset);
            file.writeLong(value);
        }

        void half(long offset, int value) throws IOException {
            file.seek(offset);
            file.writeInt(value);
        }

        void bytes(long offset, byte[] bytes) throws IOException {
            file.seek(offset);
            file.write(bytes);
        }

        /** The same words again and again. */
        void fill(long offset, long count, long... words) throws IOException {
            ByteBuffer table = ByteBuffer.allocate((int) count * 8);
            for (int i = 0; i < count; i++) {
                table.putLong(words[i % words.length]);
            }
            bytes(offset, table.array());
        }

        void backing(String name) throws IOException {
            byte[] text = name.getBytes(StandardCharsets.UTF_8);
            bytes(256, text);
            word(8, 256);
            half(16, text.length);
        }

        @Override
        public void close() throws IOException {
            file.close();
        }
    }

    private void encryptedWithoutKeyPlace() throws IOException {
        try (Image image = new Image("luks-without-header", 16, 1 << 20, 1)) {
            image.half(32, 2);
            image.file.setLength(1 << 20);
        }
    }

    private void ownBackingFile() throws IOException {
        backedBy("itself", "itself.qcow2");
    }

    private void backedBy(String name, String backing) throws IOException {
        try (Image image = new Image(name, 16, 1 << 20, 1)) {
            image.backing(backing);
            image.file.setLength(1 << 20);
        }
    }

    private void hostDataFile() throws IOException {
        try (Image image = new Image("host-data-file", 16, 1 << 20, 1)) {
            image.word(72, 4);
            image.half(104, 0x44415441);
            image.half(108, 11);
            image.bytes(112, "/etc/passwd".getBytes(StandardCharsets.UTF_8));
            image.file.setLength(1 << 20);
        }
    }

    /** Each L1 entry names one and the same L2 table, whose entries all name one and the same cluster. */
    private void crossLinked(String name, int bits, long even, long odd) throws IOException {
        long perTable = 1L << bits - 3;
        try (Image image = new Image(name, bits, ((long) MAX_L1_ENTRIES * perTable << bits) - 512, MAX_L1_ENTRIES)) {
            long l2 = L1_AT + Math.max(1, MAX_L1_ENTRIES * 8L >> bits);
            image.fill(image.at(L1_AT), MAX_L1_ENTRIES, image.at(l2) | COPIED);
            long data = image.at(l2 + 1);
            image.fill(
                    image.at(l2),
                    perTable,
                    even == 0 || even == 1 ? even : data | even,
                    odd == 0 || odd == 1 ? odd : data | odd);
            image.file.setLength(Math.max(image.at(l2 + 2), 1L << 33));
        }
    }

    /** Each table is there once, and all entries of all of them name one cluster. */
    private void oneClusterForAll() throws IOException {
        int tables = 64;
        try (Image image = new Image("one-cluster-for-all", 16, (long) tables << 29, tables)) {
            long l2 = L1_AT + 1;
            for (int i = 0; i < tables; i++) {
                image.word(image.at(L1_AT) + 8 * i, image.at(l2 + i) | COPIED);
                image.fill(image.at(l2 + i), 8192, image.at(l2 + tables) | COPIED);
            }
            image.fill(image.at(l2 + tables), 8192, 7);
            image.file.setLength(1L << 40);
        }
    }

    /** So many tables that all lie in a hole. */
    private void tablesInHoles(int bits) throws IOException {
        long perTable = 1L << bits - 3;
        try (Image image = new Image(
                "tables-in-holes-" + bits, bits, ((long) MAX_L1_ENTRIES * perTable << bits) - 512, MAX_L1_ENTRIES)) {
            long l2 = L1_AT + Math.max(1, MAX_L1_ENTRIES * 8L >> bits);
            ByteBuffer l1 = ByteBuffer.allocate(MAX_L1_ENTRIES * 8);
            for (int i = 0; i < MAX_L1_ENTRIES; i++) {
                l1.putLong(image.at(l2 + i) | COPIED);
            }
            image.bytes(image.at(L1_AT), l1.array());
            image.file.setLength(image.at(l2 + MAX_L1_ENTRIES));
        }
    }

    /** A small image whose map has as many lines as its table has entries. */
    private void oneTableAlternates() throws IOException {
        try (Image image = new Image("one-table-alternates", 16, 1L << 36, 128)) {
            for (int i = 0; i < 4; i++) {
                image.word(image.at(L1_AT) + 8 * i, image.at(4 + i) | COPIED);
                image.fill(image.at(4 + i), 8192, 1, 0);
            }
        }
    }

    /** A few references to clusters that lie far apart in a file of a terabyte, nearly all hole. */
    private void spreadOverTheFile() throws IOException {
        int tables = 1024;
        try (Image image = new Image("spread", 9, (long) tables << 15, tables)) {
            long l2 = L1_AT + (tables * 8L >> 9);
            for (int i = 0; i < tables; i++) {
                image.word(image.at(L1_AT) + 8L * i, image.at(l2 + i) | COPIED);
                for (int j = 0; j < 64; j++) {
                    long cluster = 65536 + (i * 64L + j) % 32000 * 65536 + i;
                    image.word(image.at(l2 + i) + 8 * j, image.at(cluster) | COPIED);
                }
            }
            image.file.setLength(1L << 40);
        }
    }

    /** Nothing is wrong with it so far as it was looked at, and each of its few tables names places far from each other. */
    private void soundAllOverTheFile() throws IOException {
        int pages = 700;
        try (Image image = new Image("far-and-wide", 16, (long) pages << 29, pages)) {
            image.word(48, image.at(8));
            image.half(56, 128);
            long block = 200;
            long l2 = block + 2 * pages;
            for (int i = 0; i < pages; i++) {
                long data = 65536L * (i + 1);
                image.word(image.at(L1_AT) + 8L * i, image.at(l2 + i) | COPIED);
                image.word(image.at(l2 + i), image.at(data) | COPIED);
                image.word(image.at(8) + 8 * (data >>> 15), image.at(block + i));
                image.bytes(image.at(block + i), new byte[] {0, 1});
            }
            image.word(image.at(8), image.at(block + pages));
            image.fill(image.at(block + pages), 1 + (l2 + pages) / 4, 0x0001_0001_0001_0001L);
            image.file.setLength(image.at(65536L * (pages + 1)));
        }
    }

    private void manySnapshots() throws IOException {
        try (Image image = new Image("snapshots", 16, 1 << 20, 1)) {
            ByteBuffer table = ByteBuffer.allocate(65535 * 64);
            for (int i = 0; i < 65535; i++) {
                table.putLong(image.at(L1_AT)).putInt(1).putShort((short) 1).putShort((short) 7);
                table.putInt(0)
                        .putInt(0)
                        .putLong(0)
                        .putInt(0)
                        .putInt(16)
                        .putLong(0)
                        .putLong(1 << 20);
                table.put((byte) '1').put("\033[2Jxyz".getBytes(StandardCharsets.UTF_8));
            }
            image.bytes(image.at(8), java.util.Arrays.copyOf(table.array(), table.position()));
            image.half(60, 65535);
            image.word(64, image.at(8));
        }
    }

    private void manyBitmaps() throws IOException {
        try (Image image = new Image("bitmaps", 16, 1L << 40, 2048)) {
            int size = 65535 * 32;
            ByteBuffer directory = ByteBuffer.allocate(size);
            for (int i = 0; i < 65535; i++) {
                directory
                        .putLong(image.at(64))
                        .putInt(1 << 20)
                        .putInt(0)
                        .put((byte) 1)
                        .put((byte) 9);
                directory.putShort((short) 5).putInt(0);
                directory
                        .put(String.format("%05d", i).getBytes(StandardCharsets.UTF_8))
                        .put(new byte[3]);
            }
            image.bytes(image.at(8), directory.array());
            image.half(104, 0x23852875);
            image.half(108, 24);
            image.half(112, 65535);
            image.word(120, size);
            image.word(128, image.at(8));
            image.word(88, 1);
            image.fill(image.at(64), 1 << 20, image.at(300));
            image.file.setLength(64 << 20);
        }
    }

    /** The largest refcount table there may be, with one block for all. */
    private void refcountsCrossLinked(String name, long counts) throws IOException {
        try (Image image = new Image(name, 16, 1 << 20, 1)) {
            image.word(48, image.at(8));
            image.half(56, 128);
            image.fill(image.at(8), 1 << 20, image.at(140));
            image.fill(image.at(140), 8192, counts);
            image.file.setLength(1L << 43);
        }
    }

    private void hugeAndEmpty() throws IOException {
        try (Image image = new Image("huge", 21, 1L << 61, MAX_L1_ENTRIES)) {
            image.file.setLength(64 << 20);
        }
        try (RandomAccessFile file =
                new RandomAccessFile(directory.resolve("huge.raw").toFile(), "rw")) {
            file.setLength((1L << 43) + 77);
        }
    }
}
