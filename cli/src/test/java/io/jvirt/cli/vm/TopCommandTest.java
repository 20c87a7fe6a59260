// SPDX-License-Identifier: Apache-2.0
package io.jvirt.cli.vm;

import static org.assertj.core.api.Assertions.assertThat;

import io.jvirt.cli.Golden;
import io.jvirt.cli.JvirtRun;
import io.jvirt.domain.inspect.DomainUsage;
import io.jvirt.domain.libvirt.DomainState;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What top prints where no terminal is; the lab has a terminal. */
class TopCommandTest {
    private TestDriver libvirt;

    @BeforeEach
    void open() {
        libvirt = new TestDriver();
        libvirt.define("web");
    }

    @AfterEach
    void close() {
        libvirt.close();
    }

    @Test
    void oneLook() throws IOException {
        JvirtRun run = libvirt.run("top", "--once", "--interval", "100ms");
        assertThat(run.err()).isEmpty();
        assertThat(run.out().lines())
                .hasSize(2)
                .first()
                .asString()
                .matches("NAME +STATE +CPU% +VCPUS +MEMORY +RESIDENT +READ/S +WRITE/S +IN/S +OUT/S");
        assertThat(libvirt.run("top", "--all", "--interval", "100ms", "-o", "name")
                        .out())
                .isEqualTo("test\nweb\n");
        Golden.check(
                "top.json",
                libvirt.run("top", "--interval", "100ms", "-o", "json").out());
    }

    @Test
    void anIntervalThatShowsNothing() {
        JvirtRun run = libvirt.run("top", "--interval", "50ms");
        assertThat(run.exit()).isEqualTo(2);
        assertThat(run.err())
                .isEqualTo("jvirt: --interval 50ms is too short to see a rate\nhint: give 100ms or more\n");
    }

    private static DomainUsage usage(String name, double cpu, long resident, long read, long sent) {
        return new DomainUsage(name, DomainState.RUNNING, cpu, 1, 1L << 30, resident, read, 0, 0, sent);
    }

    @Test
    void sortsByEachColumn() {
        List<DomainUsage> all =
                new ArrayList<>(List.of(usage("a", 1, 10, 0, 5), usage("b", 2, 30, 9, 0), usage("c", 1, 20, 0, 9)));
        assertSorted(all, TopTable.Column.CPU, "b", "a", "c");
        assertSorted(all, TopTable.Column.MEMORY, "b", "c", "a");
        assertSorted(all, TopTable.Column.DISK, "b", "a", "c");
        assertSorted(all, TopTable.Column.NETWORK, "c", "a", "b");
        assertSorted(all, TopTable.Column.NAME, "a", "b", "c");
        assertThat(TopTable.Column.NAME.next()).isEqualTo(TopTable.Column.CPU);
    }

    private static void assertSorted(List<DomainUsage> usage, TopTable.Column column, String... names) {
        usage.sort(column.order());
        assertThat(usage.stream().map(DomainUsage::name)).containsExactly(names);
    }

    @Test
    void asManyLinesAsFit() {
        List<DomainUsage> all = List.of(usage("a", 1, 1, 0, 0), usage("b", 1, 1, 0, 0), usage("c", 1, 1, 0, 0));
        assertThat(TopTable.lines(all, 1, 5)).hasSize(3).element(1).asString().startsWith("b ");
        assertThat(TopTable.lines(all, 0, 2)).hasSize(3);
        assertThat(TopTable.lines(List.of(), 0, 2)).hasSize(1);
    }
}
