// SPDX-License-Identifier: Apache-2.0
package io.jvirt.cli.host;

import io.jvirt.cli.Answer;
import io.jvirt.cli.ByteText;
import io.jvirt.cli.CliCommand;
import io.jvirt.cli.CommandContext;
import io.jvirt.cli.ExitCode;
import io.jvirt.domain.libvirt.Host;
import io.jvirt.domain.libvirt.Pool;
import java.util.ArrayList;
import java.util.List;
import picocli.CommandLine.Command;

@Command
public final class PoolListCommand implements CliCommand {
    private static final String[] HEADINGS = {"NAME", "STATE", "AUTOSTART", "TYPE", "FREE", "TARGET"};

    @Override
    public ExitCode run(CommandContext context) throws Exception {
        List<ListedPool> listed = new ArrayList<>();
        try (Host host = Host.open(context.options().connect())) {
            for (Pool pool : Pool.list(host)) {
                try (pool) {
                    listed.add(ListedPool.of(pool));
                }
            }
        }
        context.print(Answer.list("pools", listed, ListedPool::name).table(HEADINGS, PoolListCommand::cells));
        return ExitCode.DONE;
    }

    private static String[] cells(ListedPool pool) {
        Long free = pool.availableBytes();
        String target = pool.target();
        return new String[] {
            pool.name(),
            pool.state().text(),
            pool.autostart() ? "on" : "off",
            pool.type(),
            free == null ? "-" : ByteText.of(free),
            target == null ? "-" : target
        };
    }

    @Override
    public List<Example> examples() {
        return List.of(
                new Example("jvirt pool list", "the storage pools, whether they are active, and their free space"));
    }
}
