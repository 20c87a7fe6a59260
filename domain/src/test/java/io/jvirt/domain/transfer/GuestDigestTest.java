// SPDX-License-Identifier: Apache-2.0
package io.jvirt.domain.transfer;

import static org.assertj.core.api.Assertions.assertThat;

import io.jvirt.storage.CreateRequest;
import io.jvirt.storage.DiskImage;
import io.jvirt.storage.DiskImages;
import io.jvirt.storage.ImageFormat;
import io.jvirt.storage.OpenPolicy;
import io.jvirt.storage.OpenRequest;
import io.jvirt.storage.copy.CopyProgress;
import io.jvirt.storage.copy.DigestTree;
import io.jvirt.storage.copy.ImageDigest;
import io.jvirt.storage.qcow2.Qcow2Options;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class GuestDigestTest {
    private static final int MIB = 1 << 20;

    @TempDir
    private Path directory;

    /** A raw base that ends amid a block, an overlay with clusters of 64 KiB in no order, and zeros over data. */
    @Test
    void isThatOfTheWholeChainWithoutReadingIt() throws IOException {
        Path base = directory.resolve("base.raw");
        try (FileChannel file = FileChannel.open(base, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE)) {
            file.write(random(3 * MIB + 5 * 4096, 1), MIB);
            file.write(random(512, 2), 9 * MIB + 512);
        }
        Path top = directory.resolve("top.qcow2");
        DiskImages.create(CreateRequest.qcow2(top, 20 * MIB + 512)
                .withQcow2(Qcow2Options.defaults().withBacking(base.toString(), "raw")));
        Random order = new Random(3);
        try (DiskImage image = DiskImages.open(request(top).writable())) {
            for (int i = 0; i < 40; i++) {
                image.write(order.nextInt(20 * MIB - 100_000), random(1 + order.nextInt(90_000), 100 + i));
            }
            image.zero(2 * MIB, MIB / 2, true);
            image.flush();
        }
        String expected = plain(top);
        assertThat(digest(top)).isEqualTo(expected);
        hash(base);
        hash(top);
        assertThat(FileHashes.of(top)).isNotNull();
        assertThat(digest(top)).isEqualTo(expected);
        // Changed since: what was remembered is not believed.
        try (DiskImage image = DiskImages.open(request(top).writable())) {
            image.write(7 * MIB, random(MIB, 9));
            image.flush();
        }
        assertThat(FileHashes.of(top)).isNull();
        assertThat(digest(top)).isEqualTo(plain(top)).isNotEqualTo(expected);
    }

    private static OpenRequest request(Path path) {
        return OpenRequest.of(path).withFormat(ImageFormat.QCOW2).withPolicy(OpenPolicy.everything());
    }

    private static String plain(Path path) throws IOException {
        try (DiskImage image = DiskImages.open(request(path))) {
            return ImageDigest.of(image, 2, CopyProgress.NONE);
        }
    }

    private static String digest(Path path) throws IOException {
        try (DiskImage image = DiskImages.open(request(path))) {
            return GuestDigest.of(image, path);
        }
    }

    /** As a transport does it. */
    private static void hash(Path path) throws IOException {
        DigestTree.Hasher hasher = new DigestTree.Hasher();
        ByteBuffer block = ByteBuffer.allocate(DigestTree.LEAF_BYTES).order(ByteOrder.nativeOrder());
        try (FilePayload payload = FilePayload.look(path)) {
            for (long at = 0; at < payload.lengthBytes(); at += DigestTree.LEAF_BYTES) {
                payload.read(at, block.clear());
                byte[] hash = hasher.leaf(block, 0, DigestTree.LEAF_BYTES);
                if (hash != null) {
                    payload.hashed(at / DigestTree.LEAF_BYTES, hash);
                }
            }
            payload.allHashed();
        }
    }

    private static ByteBuffer random(int length, long seed) {
        byte[] bytes = new byte[length];
        new Random(seed).nextBytes(bytes);
        return ByteBuffer.wrap(bytes);
    }
}
