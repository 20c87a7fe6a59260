// SPDX-License-Identifier: Apache-2.0
package io.jvirt.storage.qcow2;

import static org.assertj.core.api.Assertions.assertThat;

import io.jvirt.storage.CreateRequest;
import io.jvirt.storage.DiskImage;
import io.jvirt.storage.DiskImages;
import io.jvirt.storage.OpenRequest;
import io.jvirt.storage.QemuTools;
import io.jvirt.storage.compress.ClusterCodec;
import io.jvirt.storage.compress.CompressionType;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Clusters stored compressed between others, as QEMU reads them. */
class CompressedWriteTest {
    @TempDir
    Path directory;

    static Stream<Qcow2Options> options() {
        Qcow2Options base = Qcow2Options.defaults();
        return Stream.of(
                base,
                base.withClusterBytes(512),
                base.withClusterBytes(2 << 20),
                base.withClusterBytes(4096).withZstd(true),
                base.withRefcountBits(1),
                base.withRefcountBits(64).withClusterBytes(4096),
                base.withRefcountBits(2).withClusterBytes(1024),
                base.withExtendedL2(true),
                base.withVersion(2),
                base.withZstd(true));
    }

    private static byte[] content(long seed) {
        Random random = new Random(seed);
        byte[] content = new byte[(6 << 20) + 1536];
        for (int at = 0; at < content.length; at += 8192) {
            int length = Math.min(8192, content.length - at);
            if (random.nextInt(3) > 0) {
                byte[] part = new byte[length];
                random.nextBytes(part);
                // Half of it repeats, so that it compresses.
                System.arraycopy(part, 0, part, length / 2, length / 2);
                System.arraycopy(part, 0, content, at, length);
            }
        }
        return content;
    }

    @ParameterizedTest
    @MethodSource("options")
    void storesCompressedClustersAnywhere(Qcow2Options options) throws Exception {
        byte[] content = content(3);
        Path image = directory.resolve("random.qcow2");
        DiskImages.create(CreateRequest.qcow2(image, content.length).withQcow2(options));
        Random random = new Random(4);
        int cluster = options.clusterBytes();
        CompressionType type = options.zstd() ? CompressionType.ZSTD : CompressionType.ZLIB;
        byte[] expected = new byte[content.length];
        try (Qcow2Image disk =
                        (Qcow2Image) DiskImages.open(OpenRequest.of(image).writable());
                ClusterCodec codec = type.newCodec()) {
            for (int i = 0; i < Math.min(400, 2 * content.length / cluster); i++) {
                int at = random.nextInt(content.length / cluster) * cluster;
                ByteBuffer packed = ByteBuffer.allocate(cluster - 1);
                if (random.nextInt(4) > 0
                        && codec.compress(ByteBuffer.wrap(Arrays.copyOfRange(content, at, at + cluster)), packed)) {
                    disk.writeCompressed(at, packed.flip());
                } else {
                    disk.write(at, ByteBuffer.wrap(content, at, cluster));
                }
                System.arraycopy(content, at, expected, at, cluster);
                if (random.nextInt(10) == 0) {
                    // Overwrites a part of what may be compressed.
                    int from = random.nextInt(content.length - 700);
                    byte[] data = new byte[1 + random.nextInt(699)];
                    random.nextBytes(data);
                    disk.write(from, ByteBuffer.wrap(data));
                    System.arraycopy(data, 0, expected, from, data.length);
                }
                if (random.nextInt(20) == 0) {
                    disk.flush();
                }
            }
            ByteBuffer all = ByteBuffer.allocate(content.length);
            disk.read(0, all);
            assertThat(Arrays.mismatch(all.array(), expected)).isEqualTo(-1);
        }
        judge(image, expected);
    }

    private void judge(Path image, byte[] content) throws Exception {
        QemuTools.checkClean(image);
        Path raw = directory.resolve("judge.raw");
        QemuTools.ok("qemu-img", "convert", "-f", "qcow2", "-O", "raw", image.toString(), raw.toString());
        assertThat(Arrays.mismatch(Files.readAllBytes(raw), content)).isEqualTo(-1);
        try (DiskImage disk = DiskImages.open(OpenRequest.of(image))) {
            ByteBuffer all = ByteBuffer.allocate(content.length);
            disk.read(0, all);
            assertThat(Arrays.mismatch(all.array(), content)).isEqualTo(-1);
        }
    }
}
