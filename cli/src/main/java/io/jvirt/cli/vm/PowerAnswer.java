// SPDX-License-Identifier: Apache-2.0
package io.jvirt.cli.vm;

import io.jvirt.cli.Answer;
import io.jvirt.cli.CommandContext;
import io.jvirt.domain.JvirtException;
import io.jvirt.domain.power.PowerResult;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** What became of each domain of a command that takes several; the first failure is thrown after the others were tried. */
final class PowerAnswer {
    private final List<PowerResult> results = new ArrayList<>();
    private final List<JvirtException> failures = new ArrayList<>();

    void add(PowerResult result) {
        results.add(result);
    }

    void failed(JvirtException failure) {
        if (failure.kind() == JvirtException.Kind.INTERRUPTED) {
            throw failure;
        }
        failures.add(failure);
    }

    void print(CommandContext context) throws IOException {
        if (!results.isEmpty() || failures.isEmpty()) {
            List<String> lines = new ArrayList<>();
            for (PowerResult result : results) {
                lines.add(result.sentence());
            }
            context.print(Answer.list("domains", results, PowerResult::name).lines(lines));
        }
        @Nullable JvirtException first = null;
        for (JvirtException failure : failures) {
            if (first != null) {
                context.note(String.valueOf(failure.getMessage()));
            } else {
                first = failure;
            }
        }
        if (first != null) {
            throw first;
        }
    }
}
