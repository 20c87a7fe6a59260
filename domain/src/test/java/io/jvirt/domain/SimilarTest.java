// SPDX-License-Identifier: Apache-2.0
package io.jvirt.domain;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class SimilarTest {
    @ParameterizedTest
    @CsvSource({"creat, create", "craete, create", "lsit, list", "del, delete", "undelet, undelete"})
    void slipsOfTheFingers(String typed, String meant) {
        assertThat(Similar.to(typed, List.of("create", "list", "delete", "undelete", "info")))
                .isEqualTo(meant);
    }

    @ParameterizedTest
    @CsvSource({"xyzzy", "in-no-way"})
    void nothingForOtherWords(String typed) {
        assertThat(Similar.to(typed, List.of("create", "list", "info"))).isNull();
    }
}
