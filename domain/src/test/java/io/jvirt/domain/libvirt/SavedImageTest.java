// SPDX-License-Identifier: Apache-2.0
package io.jvirt.domain.libvirt;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.jvirt.domain.JvirtException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Files as libvirt writes them, with a few bytes in the place of QEMU's stream. */
class SavedImageTest {
    private static final int DATA_BYTES = 200;
    private static final String STREAM = "QEVM and so on";

    @TempDir
    Path directory;

    private Path image(ByteOrder order, int version, String definition, String cookie) throws IOException {
        ByteBuffer bytes =
                ByteBuffer.allocate(92 + DATA_BYTES + STREAM.length()).order(order);
        bytes.put("LibvirtQemudSave".getBytes(StandardCharsets.US_ASCII));
        bytes.putInt(version).putInt(DATA_BYTES).putInt(1).putInt(0);
        byte[] xml = definition.getBytes(StandardCharsets.UTF_8);
        bytes.putInt(cookie.isEmpty() ? 0 : xml.length + 1);
        bytes.put(92, xml);
        bytes.put(92 + xml.length + 1, cookie.getBytes(StandardCharsets.UTF_8));
        bytes.put(92 + DATA_BYTES, STREAM.getBytes(StandardCharsets.US_ASCII));
        return Files.write(directory.resolve("web.save"), bytes.array());
    }

    @ParameterizedTest
    @CsvSource({"LITTLE,1", "LITTLE,2", "BIG,1", "BIG,2"})
    void aLockIsTheVersionAlone(String order, int version) throws IOException {
        Path file = image(
                order.equals("BIG") ? ByteOrder.BIG_ENDIAN : ByteOrder.LITTLE_ENDIAN, version, "<domain/>", "<c/>");
        byte[] before = Files.readAllBytes(file);
        SavedImage.read(file).lock(true);
        byte[] locked = Files.readAllBytes(file);
        assertThat(Arrays.mismatch(before, locked)).isBetween(16, 19);
        assertThat(Arrays.copyOfRange(locked, 20, locked.length))
                .isEqualTo(Arrays.copyOfRange(before, 20, before.length));
        // libvirt tries both byte orders, and refuses what is newer than 2 in both.
        ByteBuffer words = ByteBuffer.wrap(locked);
        assertThat(words.order(ByteOrder.LITTLE_ENDIAN).getInt(16)).isGreaterThan(2);
        assertThat(words.order(ByteOrder.BIG_ENDIAN).getInt(16)).isGreaterThan(2);
        SavedImage image = SavedImage.read(file);
        assertThat(image.isLocked()).isTrue();
        assertThat(image.version(false)).isEqualTo(Arrays.copyOfRange(before, 16, 20));
        image.lock(false);
        assertThat(Files.readAllBytes(file)).isEqualTo(before);
        assertThat(SavedImage.read(file).isLocked()).isFalse();
    }

    @Test
    void anotherDefinitionKeepsTheCookieAndTheStreamsPlace() throws IOException {
        SavedImage image = SavedImage.read(image(ByteOrder.LITTLE_ENDIAN, 2, "<domain>ä</domain>", "<cookie/>"));
        assertThat(image.definition()).isEqualTo("<domain>ä</domain>");
        ByteBuffer start = image.locked("<domain>a longer one</domain>");
        assertThat(start.limit()).isEqualTo(92 + DATA_BYTES);
        Path other = Files.write(directory.resolve("other.save"), start.array());
        SavedImage made = SavedImage.read(other);
        assertThat(made.definition()).isEqualTo("<domain>a longer one</domain>");
        assertThat(made.isLocked()).isTrue();
        assertThat(new String(start.array(), StandardCharsets.UTF_8))
                .contains("<domain>a longer one</domain>\0<cookie/>\0\0");
        // Twice the same: what is read back is compared with it, also after the source has been locked.
        assertThat(made.locked("<domain>a longer one</domain>")).isEqualTo(start);
    }

    @Test
    void withoutACookieThereIsNoneAfterwards() throws IOException {
        SavedImage image = SavedImage.read(image(ByteOrder.LITTLE_ENDIAN, 2, "<domain>long enough</domain>", ""));
        assertThat(image.definition()).isEqualTo("<domain>long enough</domain>");
        String start = new String(image.locked("<d/>").array(), StandardCharsets.UTF_8);
        assertThat(start).contains("<d/>\0").doesNotContain("enough");
    }

    @Test
    void aDefinitionThatDoesNotFitIsRefused() throws IOException {
        SavedImage image = SavedImage.read(image(ByteOrder.LITTLE_ENDIAN, 2, "<domain/>", "<cookie/>"));
        assertThatThrownBy(() -> image.locked("x".repeat(DATA_BYTES)))
                .isInstanceOf(JvirtException.class)
                .hasMessageContaining("has 200 bytes for the definition, 211 are needed for the new one")
                .extracting(e -> ((JvirtException) e).hint())
                .isEqualTo("shorter paths and names: --pool-map, --rename");
    }

    @Test
    void otherFilesAreRefused() throws IOException {
        Path partial = image(ByteOrder.LITTLE_ENDIAN, 2, "<domain/>", "");
        byte[] bytes = Files.readAllBytes(partial);
        System.arraycopy("Part".getBytes(StandardCharsets.US_ASCII), 0, bytes, 12, 4);
        refused("no saved memory that jvirt knows: its first bytes", bytes);
        refused(
                "no saved memory that jvirt knows: its version",
                Files.readAllBytes(image(ByteOrder.BIG_ENDIAN, 3, "<domain/>", "")));
        bytes = Files.readAllBytes(image(ByteOrder.LITTLE_ENDIAN, 2, "<domain/>", ""));
        bytes[23] = 0x7f;
        refused("its data of 2130706632 bytes with a cookie at 0", bytes);
        Path cut = Files.write(directory.resolve("cut.save"), Arrays.copyOf(bytes, 50));
        assertThatThrownBy(() -> SavedImage.read(cut))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("ends at 50");
    }

    private void refused(String message, byte[] bytes) throws IOException {
        Path file = Files.write(directory.resolve("bad.save"), bytes);
        assertThatThrownBy(() -> SavedImage.read(file))
                .isInstanceOf(JvirtException.class)
                .hasMessageContaining(message);
    }
}
