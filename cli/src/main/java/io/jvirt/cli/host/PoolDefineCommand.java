// SPDX-License-Identifier: Apache-2.0
package io.jvirt.cli.host;

import io.jvirt.cli.Answer;
import io.jvirt.cli.CliCommand;
import io.jvirt.cli.CommandContext;
import io.jvirt.cli.ExitCode;
import io.jvirt.domain.libvirt.Host;
import io.jvirt.domain.libvirt.Pool;
import io.jvirt.domain.libvirt.PoolState;
import io.jvirt.domain.pool.PoolReading;
import io.jvirt.domain.pool.PoolSummary;
import java.util.List;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

@Command(description = "Define a storage pool, or change the definition of the one with its name, from libvirt's XML.")
public final class PoolDefineCommand implements CliCommand {
    @Parameters(index = "0", paramLabel = "FILE", description = "The XML; - for standard input.")
    private String file = "";

    @Override
    public ExitCode run(CommandContext context) throws Exception {
        String xml = DefinitionFile.read(context, file, "pool");
        try (Host host = Host.open(context.options().connect())) {
            PoolReading.refuseWhileOneHangs(host);
            PoolSummary made;
            try (Pool pool = Pool.define(host, xml)) {
                made = PoolReading.one(host, pool.name());
            }
            context.print(Answer.one("pool", made, made.name())
                    .lines(List.of("Pool '" + made.name() + "' is defined"
                            + (made.state() == PoolState.INACTIVE ? "" : "; it runs on as it was started"))));
        }
        return ExitCode.DONE;
    }

    @Override
    public List<Example> examples() {
        return List.of(
                new Example("jvirt pool define ceph.xml", "a pool of any type that libvirt knows"),
                new Example("jvirt pool define -", "from standard input"));
    }
}
