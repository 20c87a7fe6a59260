// SPDX-License-Identifier: Apache-2.0
package io.jvirt.domain.reference;

import static org.assertj.core.api.Assertions.assertThat;

import io.jvirt.domain.libvirt.Host;
import io.jvirt.storage.CreateRequest;
import io.jvirt.storage.DiskImage;
import io.jvirt.storage.DiskImages;
import io.jvirt.storage.OpenRequest;
import io.jvirt.storage.qcow2.Qcow2Options;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class DataFileTest {
    private static final int DATA_BYTES = 1 << 16;

    @TempDir
    Path directory;

    @Test
    void isToldWithWhatItTakes() throws IOException {
        Path image = directory.resolve("disk.qcow2");
        Path data = directory.resolve("disk.data");
        DiskImages.create(CreateRequest.qcow2(image, 16 * DATA_BYTES)
                .withQcow2(Qcow2Options.defaults().withDataFile(data.toString(), false)));
        try (DiskImage disk = DiskImages.open(OpenRequest.of(image).writable())) {
            disk.write(0, ByteBuffer.allocate(DATA_BYTES).put(0, (byte) 1));
            disk.flush();
        }
        try (Host host = Host.open("test:///default")) {
            DataFile found = DataFile.of(host, image.toString(), "qcow2").orElseThrow();
            assertThat(found.path()).isEqualTo(data.toString());
            assertThat(found.allocatedBytes()).isGreaterThanOrEqualTo(DATA_BYTES);
            assertThat(DataFile.of(host, data.toString(), "raw")).isEmpty();
            assertThat(DataFile.of(host, data.toString(), null)).as("no image").isEmpty();
            Files.delete(data);
            assertThat(DataFile.of(host, image.toString(), null).orElseThrow().allocatedBytes())
                    .isNull();
        }
    }
}
