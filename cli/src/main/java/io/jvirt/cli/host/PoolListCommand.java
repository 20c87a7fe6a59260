// SPDX-License-Identifier: Apache-2.0
package io.jvirt.cli.host;

import io.jvirt.cli.Answer;
import io.jvirt.cli.ByteText;
import io.jvirt.cli.CliCommand;
import io.jvirt.cli.CommandContext;
import io.jvirt.cli.ExitCode;
import io.jvirt.domain.libvirt.Host;
import io.jvirt.domain.pool.PoolReading;
import io.jvirt.domain.pool.PoolSummary;
import java.util.List;
import picocli.CommandLine.Command;

@Command
public final class PoolListCommand implements CliCommand {
    private static final String[] HEADINGS = {"NAME", "STATE", "AUTOSTART", "TYPE", "FREE", "TARGET"};

    @Override
    public ExitCode run(CommandContext context) throws Exception {
        List<PoolSummary> listed;
        try (Host host = Host.open(context.options().connect())) {
            listed = PoolReading.all(host);
        }
        context.print(Answer.list("pools", listed, PoolSummary::name).table(HEADINGS, PoolListCommand::cells));
        for (PoolSummary pool : listed) {
            if (pool.problem() != null) {
                context.note("pool '" + pool.name() + "': " + pool.problem());
            }
        }
        return ExitCode.DONE;
    }

    private static String[] cells(PoolSummary pool) {
        Long free = pool.availableBytes();
        String target = pool.target();
        return new String[] {
            pool.name(),
            pool.state().text(),
            pool.problem() == null ? pool.autostart() ? "on" : "off" : "?",
            pool.type().isEmpty() ? "?" : pool.type(),
            free == null ? "-" : ByteText.of(free),
            target == null ? "-" : target
        };
    }

    @Override
    public boolean runsWithoutArguments() {
        return true;
    }

    @Override
    public List<Example> examples() {
        return List.of(
                new Example("jvirt pool list", "the storage pools, whether they are active, and their free space"));
    }
}
