// SPDX-License-Identifier: Apache-2.0
package io.jvirt.storage.qcow2;

import static org.assertj.core.api.Assertions.assertThat;

import io.jvirt.storage.QemuTools;
import io.jvirt.storage.qcow2.check.CheckResult;
import io.jvirt.storage.qcow2.check.Qcow2Check;
import io.jvirt.storage.qcow2.check.Repair;
import io.jvirt.storage.qcow2.compact.InPlaceCompaction;
import io.jvirt.storage.qcow2.format.ClusterGeometry;
import io.jvirt.storage.qcow2.format.Header;
import io.jvirt.storage.qcow2.format.HeaderReader;
import io.jvirt.storage.qcow2.format.L2Entry;
import io.jvirt.storage.qcow2.format.RefcountBlock;
import io.jvirt.storage.qcow2.format.Snapshot;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Objects;
import java.util.Random;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Compaction in place of images that QEMU has compressed: clusters that share host clusters, and reach into the next. */
@Tag("one-jdk")
class CompressedCompactionTest {
    private static final int DISK_BYTES = 1 << 20;

    /** With the smallest clusters not each write is a crash, but still one in two or three. */
    private static final int MOST_CRASHES = 1000;

    @TempDir
    Path directory;

    private Path image;

    /** Compressed data of many lengths, parts of it overwritten, discarded or zeroed, a snapshot in between, a bitmap. */
    private byte[] make(String options, int seed) throws Exception {
        image = directory.resolve("disk.qcow2");
        Path raw = directory.resolve("source.raw");
        Random random = new Random(seed);
        byte[] data = new byte[DISK_BYTES];
        for (int at = 0; at < data.length; at += 512) {
            byte[] part = new byte[random.nextInt(400)];
            random.nextBytes(part);
            System.arraycopy(part, 0, data, at, part.length);
        }
        Files.write(raw, data);
        QemuTools.ok(
                "qemu-img",
                "convert",
                "-c",
                "-f",
                "raw",
                "-O",
                "qcow2",
                "-o",
                options,
                raw.toString(),
                image.toString());
        boolean snapshots = !options.contains("refcount_bits=");
        if (snapshots) {
            QemuTools.ok("qemu-img", "snapshot", "-c", "kept", image.toString());
        }
        if (!options.contains("0.10")) {
            QemuTools.ok("qemu-img", "bitmap", "--add", image.toString(), "bits");
        }
        io("write -P 7 100k 30k", "write -P 0 300k 64k", "discard 384k 256k", "write -c -P 9 448k 64k");
        if (!snapshots || seed % 2 == 0) {
            // Gaps all over the place.
            if (snapshots) {
                QemuTools.ok("qemu-img", "snapshot", "-d", "kept", image.toString());
            }
            for (int at = 0; at < DISK_BYTES; at += 128 << 10) {
                io("write -z -u " + at + " 64k");
            }
        }
        return Files.readAllBytes(image);
    }

    private void io(String... commands) {
        for (String command : commands) {
            QemuTools.ok("qemu-io", "-f", "qcow2", "-c", command, image.toString());
        }
    }

    private static byte[] content(byte[] file, boolean then) throws Exception {
        RecordingStore store = new RecordingStore(file);
        try (Qcow2Image disk = Qcow2Opener.open(store, HeaderReader.read(store), null, null, 0)) {
            Snapshot kept = disk.snapshots().findByName("kept");
            Qcow2Image view = then && kept != null ? disk.view(Objects.requireNonNull(kept)) : disk;
            ByteBuffer all = ByteBuffer.allocate((int) view.sizeBytes());
            view.read(0, all);
            return all.array();
        }
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "cluster_size=512|1",
                "cluster_size=512|2",
                "cluster_size=4k|1",
                "cluster_size=4k|2",
                "cluster_size=4k,compression_type=zstd|4",
                "cluster_size=4k,refcount_bits=1,compat=1.1|3",
                "cluster_size=4k,refcount_bits=2|5",
                "cluster_size=4k,compat=0.10|6",
                "cluster_size=16k,extended_l2=on|3",
                "cluster_size=16k,extended_l2=on,compression_type=zstd|4",
                "cluster_size=64k|2",
            })
    void keepsAllAtEachWriteAndLeavesNoGaps(String options, int seed) throws Exception {
        byte[] before = make(options, seed);
        byte[] now = content(before, false);
        byte[] then = content(before, true);
        RecordingStore store = new RecordingStore(before);
        InPlaceCompaction.run(store, null);
        Random random = new Random(seed);
        for (int events = 0; events < store.eventCount(); events += 1 + store.eventCount() / MOST_CRASHES) {
            byte[] left = store.afterCrash(events, random);
            CheckResult check = Qcow2Check.run(new RecordingStore(left), Repair.NONE, finding -> {});
            assertThat(check.failure()).isNull();
            assertThat(check.corruptions() + check.checkErrors())
                    .as("corruptions after %d events", events)
                    .isZero();
            assertThat(Arrays.mismatch(content(left, false), now))
                    .as("crash after %d events", events)
                    .isEqualTo(-1);
            if (random.nextInt(16) == 0) {
                assertThat(Arrays.mismatch(content(left, true), then)).isEqualTo(-1);
            }
        }
        Files.write(image, store.content());
        QemuTools.checkClean(image);
        Path raw = directory.resolve("judge.raw");
        QemuTools.ok("qemu-img", "convert", "-f", "qcow2", "-O", "raw", image.toString(), raw.toString());
        assertThat(Arrays.mismatch(Files.readAllBytes(raw), now)).isEqualTo(-1);
        boolean gaps = seed % 2 == 0 && !options.contains("cluster_size=512");
        assertThat(usedClusters(store.content())).isLessThan(usedClusters(before) + (gaps ? 0 : 1));
        long clusterBytes = HeaderReader.read(store).geometry().clusterBytes();
        assertThat((long) store.content().length)
                .isLessThanOrEqualTo((usedClusters(store.content()) + 1) * clusterBytes);
        if (!options.contains("0.10")) {
            assertThat(QemuTools.ok("qemu-img", "info", image.toString())).contains("name: bits");
        }
        // What is compact stays as it is.
        RecordingStore again = new RecordingStore(store.content());
        InPlaceCompaction.run(again, null);
        assertThat(again.content()).hasSizeLessThanOrEqualTo(store.content().length);
    }

    private static long usedClusters(byte[] file) throws Exception {
        Header header = HeaderReader.read(new RecordingStore(file));
        ClusterGeometry geometry = header.geometry();
        long used = 0;
        long entries = (long) header.refcountTable().entries() * geometry.clusterBytes() / 8;
        for (long i = 0; i < entries; i++) {
            long at =
                    ByteBuffer.wrap(file).getLong((int) (header.refcountTable().hostOffset() + i * 8));
            ByteBuffer block = ByteBuffer.wrap(Arrays.copyOfRange(file, (int) at, (int) at + geometry.clusterBytes()));
            for (int index = 0; at != 0 && index < geometry.refcountBlockEntries(); index++) {
                used += RefcountBlock.get(block, index, geometry.refcountOrder()) != 0 ? 1 : 0;
            }
        }
        return used;
    }

    /** Host clusters of which most compressed data has gone are emptied, so that the file shrinks below its tail, too. */
    @Test
    void packsWhatIsLeftInMostlyEmptyClusters() throws Exception {
        image = directory.resolve("disk.qcow2");
        QemuTools.ok("qemu-img", "create", "-q", "-f", "qcow2", "-o", "cluster_size=64k", image.toString(), "64M");
        Path raw = directory.resolve("source.raw");
        byte[] data = new byte[8 << 20];
        Random random = new Random(1);
        for (int at = 0; at < data.length; at += 65536) {
            byte[] part = new byte[9000];
            random.nextBytes(part);
            System.arraycopy(part, 0, data, at, part.length);
        }
        Files.write(raw, data);
        QemuTools.ok("qemu-img", "convert", "-c", "-f", "raw", "-O", "qcow2", raw.toString(), image.toString());
        for (int at = 0; at < data.length; at += 65536) {
            if (at / 65536 % 7 != 0) {
                io("write -z -u " + at + " 64k");
                Arrays.fill(data, at, at + 65536, (byte) 0);
            }
        }
        byte[] before = Files.readAllBytes(image);
        RecordingStore store = new RecordingStore(before);
        InPlaceCompaction.run(store, null);
        // 19 clusters of 9000 bytes each take 3 host clusters; header and tables take 5 or so.
        assertThat(store.content().length).isLessThanOrEqualTo(9 * 65536);
        assertThat(before.length).isGreaterThan(20 * 65536);
        assertThat(content(store.content(), false)).isEqualTo(data);
        Files.write(image, store.content());
        QemuTools.checkClean(image);
        QemuTools.ok(
                "qemu-img",
                "compare",
                "-f",
                "qcow2",
                "-F",
                "qcow2",
                image.toString(),
                Files.write(directory.resolve("before.qcow2"), before).toString());
    }

    /** An entry of the only L2 table of an image with clusters of 4 KiB, and what lies where it points to. */
    private record Packed(long entry, byte[] bytes) {
        static Packed of(byte[] file, int index) throws Exception {
            long l1 = HeaderReader.read(new RecordingStore(file)).l1().hostOffset();
            ByteBuffer all = ByteBuffer.wrap(file);
            long entry = all.getLong((int) L2Entry.hostOffset(all.getLong((int) l1)) + index * 8);
            int at = (int) L2Entry.compressedHostOffset(entry, 12);
            return new Packed(entry, Arrays.copyOfRange(file, at, at + L2Entry.compressedLengthBytes(entry, 12)));
        }

        void put(byte[] file, int index) throws Exception {
            long l1 = HeaderReader.read(new RecordingStore(file)).l1().hostOffset();
            ByteBuffer all = ByteBuffer.wrap(file);
            all.putLong((int) L2Entry.hostOffset(all.getLong((int) l1)) + index * 8, entry);
        }

        int at() {
            return (int) L2Entry.compressedHostOffset(entry, 12);
        }
    }

    private static int lastCompressed(byte[] file) throws Exception {
        int index = 255;
        while (!L2Entry.isCompressed(Packed.of(file, index).entry)) {
            index--;
        }
        return index;
    }

    @Test
    void damagedStreamsMoveAsTheyAre() throws Exception {
        byte[] before = make("cluster_size=4k", 2);
        int damaged = lastCompressed(before);
        int at = Packed.of(before, damaged).at();
        Arrays.fill(before, at, at + 20, (byte) 0xff);
        RecordingStore store = new RecordingStore(before);
        InPlaceCompaction.run(store, null);
        Packed after = Packed.of(store.content(), damaged);
        assertThat(after.at()).isLessThan(at);
        assertThat(after.bytes).isEqualTo(Packed.of(before, damaged).bytes);
        Files.write(image, store.content());
        QemuTools.checkClean(image);
    }

    /** No writer does that; neither of the two may lose a byte. */
    @Test
    void dataWithinOtherDataIsKept() throws Exception {
        byte[] before = make("cluster_size=4k", 2);
        int last = lastCompressed(before);
        Packed outer = Packed.of(before, last);
        int other = last - 1;
        while (!L2Entry.isCompressed(Packed.of(before, other).entry)) {
            other--;
        }
        new Packed(outer.entry + 100, new byte[0]).put(before, other);
        RecordingStore repaired = new RecordingStore(before);
        Qcow2Check.run(repaired, Repair.ALL, finding -> {});
        Packed inner = Packed.of(repaired.content(), other);
        assertThat(inner.at()).isEqualTo(outer.at() + 100);
        RecordingStore store = new RecordingStore(repaired.content());
        InPlaceCompaction.run(store, null);
        byte[] stream = Packed.of(store.content(), last).bytes;
        int common = Math.min(stream.length, outer.bytes.length) - L2Entry.COMPRESSED_SECTOR_BYTES;
        assertThat(Arrays.copyOf(stream, common)).isEqualTo(Arrays.copyOf(outer.bytes, common));
        assertThat(Packed.of(store.content(), other).bytes).isEqualTo(inner.bytes);
        Files.write(image, store.content());
        QemuTools.checkClean(image);
    }
}
