// SPDX-License-Identifier: Apache-2.0
package io.jvirt.cli.host;

import io.jvirt.cli.Answer;
import io.jvirt.cli.CliCommand;
import io.jvirt.cli.CommandContext;
import io.jvirt.cli.ExitCode;
import io.jvirt.domain.journal.DomainLock;
import io.jvirt.domain.journal.JournalName;
import io.jvirt.domain.libvirt.Host;
import io.jvirt.domain.pool.PoolReading;
import io.jvirt.domain.pool.PoolSummary;
import java.util.List;
import picocli.CommandLine.Parameters;

/** A change of one pool that exists; the answer is the pool after it. */
public abstract class PoolChange implements CliCommand {
    @Parameters(index = "0", paramLabel = "NAME", description = "The pool.")
    private String name = "";

    /** @return what became of it, after its name: {@code "is active"} */
    abstract String change(CommandContext context, Host host, String pool) throws Exception;

    @Override
    public final ExitCode run(CommandContext context) throws Exception {
        try (Host host = Host.open(context.options().connect())) {
            String became;
            try (DomainLock lock = DomainLock.take(context.command(), host, List.of(JournalName.pool(name)))) {
                became = change(context, host, name);
            }
            PoolSummary after = PoolReading.one(host, name);
            context.print(Answer.one("pool", after, name).lines(List.of("Pool '" + name + "' " + became)));
        }
        return ExitCode.DONE;
    }
}
