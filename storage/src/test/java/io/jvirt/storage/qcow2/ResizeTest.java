// SPDX-License-Identifier: Apache-2.0
package io.jvirt.storage.qcow2;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.jvirt.storage.CorruptImageException;
import io.jvirt.storage.CreateRequest;
import io.jvirt.storage.DiskImages;
import io.jvirt.storage.Extent;
import io.jvirt.storage.OpenRequest;
import io.jvirt.storage.Preallocation;
import io.jvirt.storage.QemuTools;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ResizeTest {
    @TempDir
    Path directory;

    @ParameterizedTest
    @CsvSource({"65536, METADATA, false", "65536, FALLOC, false", "512, METADATA, false", "65536, METADATA, true"})
    void growsWithItsMetadata(int cluster, Preallocation preallocation, boolean extended) throws Exception {
        Path image = directory.resolve("grown.qcow2");
        DiskImages.create(CreateRequest.qcow2(image, 1 << 20)
                .withQcow2(Qcow2Options.defaults().withClusterBytes(cluster).withExtendedL2(extended)));
        try (Qcow2Image disk =
                (Qcow2Image) DiskImages.open(OpenRequest.of(image).writable())) {
            disk.write(0, ByteBuffer.wrap(new byte[] {1, 2, 3}));
            // Clusters that were used before are taken again: they must not show what they held.
            byte[] old = new byte[300_000];
            java.util.Arrays.fill(old, (byte) 9);
            disk.write(600_000, ByteBuffer.wrap(old));
            disk.discard(600_000, old.length);
            disk.flush();
            disk.resize(8 << 20, preallocation);
            List<Extent> extents = new ArrayList<>();
            disk.map(1 << 20, 7 << 20, extents::add);
            assertThat(extents).allMatch(extent -> extent.hostOffset() >= 0);
            ByteBuffer all = ByteBuffer.allocate(7 << 20);
            disk.read(1 << 20, all);
            assertThat(all.array()).containsOnly(0);
        }
        QemuTools.checkClean(image);
    }

    @ParameterizedTest
    @CsvSource({
        "ffffff00000000, Refblock at 0xffffff00000000 is not covered by the refcount structures",
        "1000000000, Refblock at 0x1000000000 is not covered by the refcount structures",
        "200, Refblock offset 0x200 unaligned (reftable index: 0x1)"
    })
    void anImageWhoseRefcountsAreDamagedKeepsItsSizeAndIsMarked(String block, String message) throws Exception {
        Path image = directory.resolve("damaged.qcow2");
        DiskImages.create(CreateRequest.qcow2(image, 64 << 20));
        byte[] bytes = Files.readAllBytes(image);
        int table = (int) ByteBuffer.wrap(bytes).getLong(48);
        ByteBuffer.wrap(bytes).putLong(table + 8, Long.parseLong(block, 16));
        Files.write(image, bytes);
        try (Qcow2Image disk =
                (Qcow2Image) DiskImages.open(OpenRequest.of(image).writable())) {
            assertThatThrownBy(() -> disk.resize(32 << 20))
                    .hasMessage("Failed to discard unused refblocks: Input/output error")
                    .cause()
                    .hasMessage(message)
                    .satisfies(cause -> assertThat(CorruptImageException.eventBehind(cause))
                            .isEqualTo("qcow2: Marking image as corrupt: " + message
                                    + "; further corruption events will be suppressed"));
        }
        // The corrupt bit of the incompatible features, and nothing else.
        bytes[79] = 2;
        assertThat(Files.readAllBytes(image)).isEqualTo(bytes);
    }

    /** Counts of clusters that are gone take no room either. */
    @ParameterizedTest
    @CsvSource({"512, 64", "512, 16", "4096, 1"})
    void shrinksWithItsRefcounts(int cluster, int refcountBits) throws Exception {
        Path image = directory.resolve("shrunk.qcow2");
        DiskImages.create(CreateRequest.qcow2(image, 3 << 20)
                .withQcow2(Qcow2Options.defaults().withClusterBytes(cluster).withRefcountBits(refcountBits)));
        byte[] content = new byte[1 << 20];
        new Random(5).nextBytes(content);
        try (Qcow2Image disk =
                (Qcow2Image) DiskImages.open(OpenRequest.of(image).writable())) {
            for (int at = 2 << 20; at >= 0; at -= 1 << 20) {
                disk.write(at, ByteBuffer.wrap(content));
            }
            disk.flush();
            disk.resize(1 << 20);
            ByteBuffer all = ByteBuffer.allocate(1 << 20);
            disk.read(0, all);
            assertThat(all.array()).isEqualTo(content);
        }
        QemuTools.checkClean(image);
        ByteBuffer file = ByteBuffer.wrap(Files.readAllBytes(image));
        int table = (int) file.getLong(48);
        for (int at = table; at < table + file.getInt(56) * cluster; at += 8) {
            int block = (int) file.getLong(at);
            byte[] counts = new byte[cluster];
            if (block != 0) {
                file.get(block, counts);
                assertThat(counts).isNotEqualTo(new byte[cluster]);
            }
        }
    }
}
