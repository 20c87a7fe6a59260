// SPDX-License-Identifier: Apache-2.0
package io.jvirt.storage.qcow2;

import static org.assertj.core.api.Assertions.assertThat;

import io.jvirt.storage.CreateRequest;
import io.jvirt.storage.DiskImages;
import io.jvirt.storage.QemuTools;
import io.jvirt.storage.qcow2.format.HeaderReader;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** One snapshot more costs the same however many there are, save for the table that lists them. */
class ManySnapshotsTest {
    private static final int CLUSTER = 4096;
    private static final int FEW = 10;
    private static final int MANY = 1000;

    /** A snapshot's entry: 64 bytes of fields, an id and a name of a few letters. */
    private static final int MAX_ENTRY_BYTES = 80;

    @TempDir
    Path directory;

    private RecordingStore store = new RecordingStore(new byte[0]);

    /** What taking these snapshots does to the file. */
    private RecordingStore take(int from, int to) throws IOException {
        store = new RecordingStore(store.content());
        try (Qcow2Image disk = Qcow2Opener.open(store, HeaderReader.read(store), null, null, 0)) {
            for (int i = from; i < to; i++) {
                disk.snapshots().create("s" + i, Instant.EPOCH);
            }
        }
        return store;
    }

    @Test
    void costsNoMoreThanTheTable() throws Exception {
        Path image = directory.resolve("many.qcow2");
        DiskImages.create(CreateRequest.qcow2(image, 1 << 20)
                .withQcow2(Qcow2Options.defaults().withClusterBytes(CLUSTER)));
        store = new RecordingStore(Files.readAllBytes(image));
        try (Qcow2Image disk = Qcow2Opener.open(store, HeaderReader.read(store), null, null, 0)) {
            disk.write(0, ByteBuffer.allocate(1 << 20));
        }
        take(0, FEW);
        RecordingStore few = take(FEW, FEW + 1);
        take(FEW + 1, MANY);
        int clustersBefore = store.content().length / CLUSTER;
        RecordingStore many = take(MANY, MANY + 1);

        assertThat(many.eventCount()).isLessThanOrEqualTo(few.eventCount() + 2);
        assertThat(many.syncCount()).isEqualTo(few.syncCount());
        assertThat(many.readCount()).isLessThan(few.readCount() + MANY / 10);
        assertThat(many.writtenBytes()).isLessThan(few.writtenBytes() + (long) MANY * MAX_ENTRY_BYTES + 2 * CLUSTER);
        // An L1 table of its own is what each one adds; the places of former tables are used again.
        assertThat(many.content().length / CLUSTER - clustersBefore)
                .isLessThanOrEqualTo(2 + MANY * MAX_ENTRY_BYTES / CLUSTER);
        assertThat(clustersBefore).isLessThan((1 << 20) / CLUSTER + 2 * MANY);
        Files.write(image, many.content());
        QemuTools.checkClean(image);
    }
}
