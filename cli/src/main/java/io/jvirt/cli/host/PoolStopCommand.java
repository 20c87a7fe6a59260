// SPDX-License-Identifier: Apache-2.0
package io.jvirt.cli.host;

import io.jvirt.cli.CommandContext;
import io.jvirt.domain.libvirt.Host;
import io.jvirt.domain.pool.PoolRemoval;
import java.util.List;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

@Command
public final class PoolStopCommand extends PoolChange {
    @Option(names = "--force", description = "Also where a running domain's disk is named by the pool.")
    private boolean isForced;

    @Override
    String change(CommandContext context, Host host, String pool) {
        PoolRemoval.stop(host, pool, isForced);
        return "is inactive";
    }

    @Override
    public List<Example> examples() {
        return List.of(new Example(
                "jvirt pool stop default", "what it holds stays; its volumes cannot be used until it is started"));
    }
}
