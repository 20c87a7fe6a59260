// SPDX-License-Identifier: Apache-2.0
package io.jvirt.storage.file;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class FreshFileTest {
    @TempDir
    Path temp;

    @Test
    void nobodyOpensTheFileThatIsAboutToBeReplaced() throws Exception {
        Path target = Files.writeString(temp.resolve("disk"), "old");
        try (HostFile guest = HostFile.open(target, false)) {
            try (FreshFile fresh = FreshFile.beside(target)) {
                assertThatThrownBy(() -> guest.lock(LockRequest.WRITE_FORMAT)).isInstanceOf(ImageInUseException.class);
                fresh.file().write(0, ByteBuffer.wrap(new byte[] {'n', 'e', 'w'}));
                fresh.commit();
            }
            guest.lock(LockRequest.WRITE_FORMAT);
        }
        assertThat(target).hasContent("new");
    }

    @Test
    void whatIsInUseIsNotReplaced() throws Exception {
        Path target = Files.writeString(temp.resolve("disk"), "old");
        try (HostFile guest = HostFile.open(target, false)) {
            guest.lock(LockRequest.WRITE_FORMAT);
            assertThatThrownBy(() -> FreshFile.beside(target)).isInstanceOf(ImageInUseException.class);
        }
        FreshFile.beside(target).close();
        assertThat(temp).isDirectoryContaining(target::equals).isDirectoryNotContaining("glob:**.partial");
    }
}
