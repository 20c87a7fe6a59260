// SPDX-License-Identifier: Apache-2.0
package io.jvirt.cli;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ByteTextTest {
    @ParameterizedTest
    @CsvSource({
        "0, 0 B",
        "512, 512 B",
        "1024, 1 KiB",
        "1536, 1.5 KiB",
        "10737418240, 10 GiB",
        "9223372036854775807, 8 EiB"
    })
    void readsAsQemuSaysIt(long bytes, String expected) {
        assertThat(ByteText.of(bytes)).isEqualTo(expected);
    }
}
