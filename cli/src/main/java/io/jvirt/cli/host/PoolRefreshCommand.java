// SPDX-License-Identifier: Apache-2.0
package io.jvirt.cli.host;

import io.jvirt.cli.Answer;
import io.jvirt.cli.CliCommand;
import io.jvirt.cli.CommandContext;
import io.jvirt.cli.ExitCode;
import io.jvirt.domain.libvirt.Host;
import io.jvirt.domain.libvirt.Pool;
import java.util.List;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

@Command
public final class PoolRefreshCommand implements CliCommand {
    @Parameters(index = "0", paramLabel = "NAME", description = "The pool.")
    private String name = "";

    @Override
    public ExitCode run(CommandContext context) throws Exception {
        try (Host host = Host.open(context.options().connect());
                Pool pool = Pool.find(host, name)) {
            pool.refresh();
            ListedPool after = ListedPool.of(pool);
            context.print(Answer.one("pool", after, name).lines(List.of("Pool '" + name + "' was read anew")));
        }
        return ExitCode.DONE;
    }

    @Override
    public List<Example> examples() {
        return List.of(new Example("jvirt pool refresh default", "after files were put into its directory by hand"));
    }
}
