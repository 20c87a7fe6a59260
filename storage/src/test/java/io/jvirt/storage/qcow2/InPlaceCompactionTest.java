// SPDX-License-Identifier: Apache-2.0
package io.jvirt.storage.qcow2;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.jvirt.storage.QemuTools;
import io.jvirt.storage.StorageException;
import io.jvirt.storage.qcow2.compact.InPlaceCompaction;
import io.jvirt.storage.qcow2.format.HeaderReader;
import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Random;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Compaction of a file where it lies, with QEMU as the judge of what is left; and of what a crash leaves. */
@Tag("one-jdk")
class InPlaceCompactionTest {
    private static final int CRASHES = 25;

    @TempDir
    Path directory;

    private Path image;

    @BeforeEach
    void name() {
        image = directory.resolve("disk.qcow2");
    }

    /** Data that is overwritten with zeros and discarded, snapshots in between, one of them deleted, a bitmap. */
    private void make(String options) {
        QemuTools.ok("qemu-img", "create", "-q", "-f", "qcow2", "-o", options, image.toString(), "4M");
        io("write -P 1 0 2M", "write -P 2 3M 300k");
        boolean snapshots = !options.contains("refcount_bits=1,") && !options.contains("data_file");
        if (snapshots) {
            QemuTools.ok("qemu-img", "snapshot", "-c", "gone", image.toString());
            io("write -P 3 0 1M");
            QemuTools.ok("qemu-img", "snapshot", "-c", "kept", image.toString());
        }
        if (!options.contains("0.10")) {
            QemuTools.ok("qemu-img", "bitmap", "--add", image.toString(), "bits");
        }
        io("write -P 0 512k 1M", "discard 2500k 100k", "write -P 4 2M 64k", "write -P 5 3900k 77k");
        if (snapshots) {
            QemuTools.ok("qemu-img", "snapshot", "-d", "gone", image.toString());
        }
    }

    private void io(String... commands) {
        for (String command : commands) {
            QemuTools.ok("qemu-io", "-f", "qcow2", "-c", command, image.toString());
        }
    }

    private byte[] content(String... source) throws Exception {
        Path raw = directory.resolve("content.raw");
        String[] command = {"qemu-img", "convert", "-f", "qcow2", "-O", "raw"};
        java.util.List<String> words = new java.util.ArrayList<>(java.util.List.of(command));
        words.addAll(java.util.List.of(source));
        words.add(raw.toString());
        QemuTools.ok(words.toArray(new String[0]));
        return Files.readAllBytes(raw);
    }

    private static void compact(RecordingStore store) throws Exception {
        try (Qcow2Image disk = Qcow2Opener.open(store, HeaderReader.read(store), null, null, 0)) {
            disk.dropZeros(at -> {});
        }
        InPlaceCompaction.run(store, null);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "cluster_size=512|1",
                "cluster_size=4k|2",
                "cluster_size=4k,refcount_bits=64|3",
                "cluster_size=512,refcount_bits=1,compat=1.1|4",
                "cluster_size=16k,extended_l2=on|5",
                "cluster_size=4k,compat=0.10|6",
                "cluster_size=64k|7"
            })
    void keepsAllAndSurvivesACrashAtAnyPoint(String options, int seed) throws Exception {
        make(options);
        boolean snapshots = !options.contains("refcount_bits=1,");
        byte[] now = content(image.toString());
        byte[] then = snapshots ? content("-l", "kept", image.toString()) : now;
        byte[] before = Files.readAllBytes(image);
        RecordingStore store = new RecordingStore(before);
        compact(store);
        Random random = new Random(seed);
        for (int i = 0; i <= CRASHES; i++) {
            long dice = random.nextLong();
            int events = i == CRASHES ? store.eventCount() : random.nextInt(store.eventCount() + 1);
            byte[] left = i == CRASHES ? store.content() : store.afterCrash(events, new Random(dice));
            Files.write(image, left);
            try {
                if (i == CRASHES) {
                    QemuTools.checkClean(image);
                } else {
                    QemuTools.checkNotCorrupt(image);
                }
                assertThat(content(image.toString())).isEqualTo(now);
                if (snapshots) {
                    assertThat(content("-l", "kept", image.toString())).isEqualTo(then);
                }
            } catch (Throwable e) {
                throw new AssertionError("crash after " + events + " events, dice " + dice, e);
            }
        }
        assertThat(Files.size(image)).isLessThan(before.length);
        if (!options.contains("0.10")) {
            assertThat(QemuTools.ok("qemu-img", "info", image.toString())).contains("name: bits");
        }
    }

    @Test
    void aDamagedImageIsLeftAlone() throws Exception {
        make("cluster_size=64k");
        try (RandomAccessFile file = new RandomAccessFile(image.toFile(), "rw")) {
            // The first L1 entry names the header.
            file.seek(3 << 16);
            file.writeLong(0);
            file.seek(2 << 16);
            file.writeLong(0);
        }
        byte[] before = Files.readAllBytes(image);
        RecordingStore store = new RecordingStore(before);
        assertThatThrownBy(() -> InPlaceCompaction.run(store, null))
                .isInstanceOfSatisfying(
                        StorageException.class, e -> assertThat(e.hint()).contains("check -r all"))
                .hasMessageContaining("is damaged, and what is damaged is not moved");
        assertThat(store.content()).isEqualTo(before);
    }
}
