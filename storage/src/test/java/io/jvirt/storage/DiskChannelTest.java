// SPDX-License-Identifier: Apache-2.0
package io.jvirt.storage;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.ByteBuffer;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.NonWritableChannelException;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class DiskChannelTest {
    @TempDir
    Path directory;

    @Test
    void readsAndWritesAtItsPosition() throws Exception {
        Path image = directory.resolve("disk.qcow2");
        DiskImages.create(CreateRequest.qcow2(image, 1 << 20));
        try (DiskChannel channel =
                new DiskChannel(DiskImages.open(OpenRequest.of(image).writable()))) {
            assertThat(channel.position(100).write(ByteBuffer.wrap(new byte[] {1, 2, 3})))
                    .isEqualTo(3);
            assertThat(channel.position()).isEqualTo(103);
            ByteBuffer back = ByteBuffer.allocate(4);
            assertThat(channel.position(99).read(back)).isEqualTo(4);
            assertThat(back.array()).containsExactly(0, 1, 2, 3);
            assertThat(channel.position((1 << 20) - 2).read(back.clear())).isEqualTo(2);
            assertThat(channel.read(back.clear())).isEqualTo(-1);
            assertThat(channel.truncate(512 << 10).size()).isEqualTo(512 << 10);
        }
        DiskChannel reader = new DiskChannel(DiskImages.open(OpenRequest.of(image)));
        assertThatThrownBy(() -> reader.write(ByteBuffer.allocate(1))).isInstanceOf(NonWritableChannelException.class);
        reader.close();
        assertThatThrownBy(reader::size).isInstanceOf(ClosedChannelException.class);
    }
}
