// SPDX-License-Identifier: Apache-2.0
package io.jvirt.storage.qcow2.format;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.util.Random;
import org.junit.jupiter.api.Test;

class StoredTextTest {
    @Test
    void anyBytesComeBack() {
        long seed = System.nanoTime();
        Random random = new Random(seed);
        for (int i = 0; i < 20_000; i++) {
            byte[] bytes = new byte[random.nextInt(12)];
            random.nextBytes(bytes);
            if (i % 2 == 0) {
                // Many of these are cut sequences of UTF-8.
                byte[] text = "aé€😀\uFFFD\u0000".getBytes(StandardCharsets.UTF_8);
                for (int k = 0; k < bytes.length; k++) {
                    bytes[k] = text[random.nextInt(text.length)];
                }
            }
            assertThat(StoredText.bytes(StoredText.of(bytes)))
                    .as("seed %d, step %d", seed, i)
                    .isEqualTo(bytes);
        }
    }

    @Test
    void textIsUtf8() {
        String text = "aé€😀\uFFFD\u0000";
        assertThat(StoredText.of(text.getBytes(StandardCharsets.UTF_8))).isEqualTo(text);
        assertThat(StoredText.bytes(text)).isEqualTo(text.getBytes(StandardCharsets.UTF_8));
        assertThat(StoredText.valid(text)).isEqualTo(text);
    }

    @Test
    void otherBytesAreReplacedWhereOnlyTextGoes() {
        byte[] cut = {'x', (byte) 0xe2, (byte) 0x82, 'y', (byte) 0xff};
        assertThat(StoredText.of(cut)).isEqualTo("x\uDCE2\uDC82y\uDCFF");
        assertThat(StoredText.valid(StoredText.of(cut))).isEqualTo("x\uFFFDy\uFFFD");
    }

    @Test
    void aHeaderKeepsWhatItsTextsWere() {
        byte[] name = {'/', (byte) 0xe9, '/', 'b'};
        HeaderExtension extension = new HeaderExtension(HeaderExtension.DATA_FILE, name);
        assertThat(HeaderExtension.ofText(HeaderExtension.DATA_FILE, extension.text())
                        .data())
                .isEqualTo(name);
    }
}
