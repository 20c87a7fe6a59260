// SPDX-License-Identifier: Apache-2.0
package io.jvirt.lab;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import org.junit.jupiter.api.Test;

class RunbookTest {
    @Test
    void blocksBecomeSteps() {
        Runbook runbook = Runbook.parse(
                "page.md",
                List.of(
                        "<!-- in the lab: /srv/a.iso = /cache/b.iso -->",
                        "Text.",
                        "```sh",
                        "jvirt create web --cdrom /srv/a.iso",
                        "```",
                        "It says:",
                        "```text",
                        "web is up",
                        "",
                        "```",
                        "```json",
                        "{}",
                        "```"));
        assertThat(runbook.steps())
                .containsExactly(new Runbook.Step(3, "jvirt create web --cdrom /cache/b.iso\n", List.of("web is up")));
    }

    @Test
    void expectedLinesComeInOrder() {
        String output = "first\nweb   running  2 GiB\nlast\n";
        assertThat(Runbook.firstMissing(List.of("web … 2 GiB", "last"), output)).isEmpty();
        assertThat(Runbook.firstMissing(List.of("last", "first"), output)).isEqualTo("first");
        assertThat(Runbook.firstMissing(List.of("web running"), output)).isEqualTo("web running");
        assertThat(Runbook.firstMissing(List.of("web running …"), output)).isEmpty();
    }

    @Test
    void aBlockThatDoesNotEnd() {
        assertThatThrownBy(() -> Runbook.parse("page.md", List.of("```sh", "true")))
                .hasMessage("page.md:1: a block that does not end");
    }
}
