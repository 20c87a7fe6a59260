// SPDX-License-Identifier: Apache-2.0
package io.jvirt.lab;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Runs the commands of each page in {@code examples/}, in the first host, as a reader would type them. */
class RunbookIT {
    @RegisterExtension
    final Sandbox sandbox = new Sandbox(LabHost.KVM1, LabHost.KVM2);

    static List<Runbook> runbooks() throws IOException {
        try (Stream<Path> pages = Files.list(LabHost.CHECKOUT.resolve("examples"))) {
            return pages.filter(page -> page.toString().endsWith(".md") && !page.endsWith("README.md"))
                    .sorted()
                    .map(Runbook::read)
                    .toList();
        }
    }

    @ParameterizedTest
    @MethodSource("runbooks")
    void aPageDoesWhatItSays(Runbook runbook) {
        assertThat(runbook.steps()).as("%s has no commands", runbook).isNotEmpty();
        String directory = LabHost.KVM1.exec("mktemp", "-d").ok().out().strip();
        try {
            for (Runbook.Step step : runbook.steps()) {
                String script = "cd " + directory + "; PATH=" + LabHost.CHECKOUT + ":$PATH\n" + step.script();
                Outcome outcome = LabHost.KVM1
                        .start(List.of("bash", "-euo", "pipefail", "-c", script))
                        .closeInput()
                        .await(Duration.ofSeconds(300));
                String where = runbook.name() + ":" + step.line() + "\n" + outcome;
                assertThat(outcome.exit()).as(where).isZero();
                assertThat(Runbook.firstMissing(step.output(), outcome.out() + outcome.err()))
                        .as(where)
                        .isEmpty();
            }
        } finally {
            LabHost.KVM1.exec("rm", "-rf", directory).ok();
        }
    }
}
