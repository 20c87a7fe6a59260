// SPDX-License-Identifier: Apache-2.0
package io.jvirt.cli.host;

import io.jvirt.cli.Answer;
import io.jvirt.cli.CliCommand;
import io.jvirt.cli.CommandContext;
import io.jvirt.cli.ExitCode;
import io.jvirt.domain.libvirt.Host;
import io.jvirt.domain.pool.PoolReading;
import io.jvirt.domain.pool.PoolRemoval;
import io.jvirt.domain.pool.PoolSummary;
import io.jvirt.domain.step.Steps;
import java.util.List;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

@Command(description = "Stop a storage pool and remove its definition. What it holds stays where it is.")
public final class PoolDeleteCommand implements CliCommand {
    @Parameters(index = "0", paramLabel = "NAME", description = "The pool.")
    private String name = "";

    @Option(
            names = "--storage",
            description = "Remove its directory or volume group too; refused while a volume is in it.")
    private boolean takesStorage;

    @Option(
            names = {"-y", "--yes"},
            description = "Do not ask.")
    private boolean isYes;

    @Override
    public ExitCode run(CommandContext context) throws Exception {
        try (Host host = Host.open(context.options().connect())) {
            PoolSummary pool = PoolReading.one(host, name);
            context.confirm("Remove pool '" + name + "'" + (takesStorage ? " and " + pool.target() : "") + "?", isYes);
            PoolRemoval.delete(host, Steps.journal(), name, takesStorage, context.cancellation());
            context.print(Answer.one("pool", pool, name)
                    .lines(List.of("Pool '" + name + "' is deleted; "
                            + (takesStorage ? pool.target() + " as well" : "what is in " + pool.target() + " stays"))));
        }
        return ExitCode.DONE;
    }

    @Override
    public List<Example> examples() {
        return List.of(
                new Example("jvirt pool delete data", "forget the pool; its volumes stay on the host"),
                new Example("jvirt pool delete data --storage --yes", "its empty directory goes too"));
    }
}
