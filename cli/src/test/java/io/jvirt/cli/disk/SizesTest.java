// SPDX-License-Identifier: Apache-2.0
package io.jvirt.cli.disk;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class SizesTest {
    @ParameterizedTest
    @CsvSource({
        "0, 0",
        "1b, 1",
        "10k, 10240",
        "10K, 10240",
        "1.5k, 1536",
        "1.k, 1024",
        "0.5G, 536870912",
        "0x200, 512",
        "+5M, 5242880",
        "7E, 8070450532247928832",
        "15E, -1152921504606846976",
        "18446744073709551615, -1"
    })
    void readsSizes(String text, long bytes) throws Exception {
        assertThat(Sizes.parse(text)).isEqualTo(bytes);
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "k", "x", "-1", "1x", "1.5", "1kk", "0x", "0x1.5", "1e3", "1 k", "00x10"})
    void refusesWhatIsNoSize(String text) {
        assertThatThrownBy(() -> Sizes.parse(text))
                .isInstanceOf(Sizes.BadSize.class)
                .hasMessage("INVALID");
    }

    @ParameterizedTest
    @ValueSource(strings = {"16E", "18446744073709551616", "99999999999999999999k"})
    void refusesWhatIsTooLarge(String text) {
        assertThatThrownBy(() -> Sizes.parse(text))
                .isInstanceOf(Sizes.BadSize.class)
                .hasMessage("OUT_OF_RANGE");
    }

    @Test
    void printsThreeDigitsAndAUnit() {
        assertThat(Sizes.human(0)).isEqualTo("0 B");
        assertThat(Sizes.human(999)).isEqualTo("999 B");
        assertThat(Sizes.human(1000)).isEqualTo("0.977 KiB");
        assertThat(Sizes.human(1536)).isEqualTo("1.5 KiB");
        assertThat(Sizes.human(200_704)).isEqualTo("196 KiB");
        assertThat(Sizes.human(1L << 40)).isEqualTo("1 TiB");
    }
}
