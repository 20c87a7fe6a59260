// SPDX-License-Identifier: Apache-2.0
package io.jvirt.storage.file;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ExtendedAttributeTest {
    @TempDir
    private Path directory;

    @Test
    void itsTextIsReadWithoutItsEnd() throws IOException {
        Path file = Files.createFile(directory.resolve("image"));
        assertThat(ExtendedAttribute.text(file, "user.label")).isNull();
        byte[] label = "system_u:object_r:svirt_image_t:s0\0".getBytes(StandardCharsets.UTF_8);
        Files.setAttribute(file, "user:label", ByteBuffer.wrap(label));
        assertThat(ExtendedAttribute.text(file, "user.label")).isEqualTo("system_u:object_r:svirt_image_t:s0");
        assertThat(ExtendedAttribute.text(directory.resolve("gone"), "user.label"))
                .isNull();
    }
}
