// SPDX-License-Identifier: Apache-2.0
package io.jvirt.storage;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class FormatProbeTest {
    private static final int QCOW_MAGIC = 0x514649fb;

    @TempDir
    private Path directory;

    @Test
    void aVersionThatIsNotKnownIsStillQcow2() throws IOException {
        // Taken for raw, its header would be the guest's to read, and to write.
        assertThat(probe(QCOW_MAGIC, 4)).isEqualTo(ImageFormat.QCOW2);
        assertThat(probe(QCOW_MAGIC, 0xfedcba98)).isEqualTo(ImageFormat.QCOW2);
    }

    @Test
    void anythingElseIsRaw() throws IOException {
        assertThat(probe(0, 3)).isEqualTo(ImageFormat.RAW);
        assertThat(probe(QCOW_MAGIC + 1, 3)).isEqualTo(ImageFormat.RAW);
    }

    private ImageFormat probe(int magic, int version) throws IOException {
        ByteBuffer start = ByteBuffer.allocate(4096).putInt(magic).putInt(version);
        return DiskImages.probe(Files.write(directory.resolve("image"), start.array()));
    }

    @ParameterizedTest
    @CsvSource({
        "vmdk, VMDK",
        "vdi, VDI",
        "vpc, VHD",
        "vhdx, VHDX",
        "qed, QED",
        "qcow, qcow version 1",
        "parallels, Parallels"
    })
    void otherProductsFormatsDoNotPassForRaw(String driver, String shown) {
        Path image = directory.resolve("image");
        QemuTools.ok("qemu-img", "create", "-q", "-f", driver, image.toString(), "8M");
        assertThatThrownBy(() -> DiskImages.open(OpenRequest.of(image)))
                .hasMessage("'" + image + "' is a " + shown + " image, which jvirt does not read")
                .extracting("hint")
                .isEqualTo("convert it first: qemu-img convert -O qcow2 '" + image
                        + "' NEW.qcow2 (or say -f raw if it is a raw disk)");
    }
}
