// SPDX-License-Identifier: Apache-2.0
package io.jvirt.cli;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class TableTextTest {
    @Test
    void columnsAreAsWideAsTheirWidestCell() {
        TableText table = new TableText("ID", "NAME", "STATE");
        table.add("-", "prüf-λ", "shut off");
        table.add("12", "a", "");
        assertThat(table.lines()).containsExactly("ID  NAME    STATE", "-   prüf-λ  shut off", "12  a");
    }
}
