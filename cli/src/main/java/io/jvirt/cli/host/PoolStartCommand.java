// SPDX-License-Identifier: Apache-2.0
package io.jvirt.cli.host;

import io.jvirt.cli.CommandContext;
import io.jvirt.domain.libvirt.Host;
import io.jvirt.domain.pool.PoolReading;
import java.util.List;
import picocli.CommandLine.Command;

@Command
public final class PoolStartCommand extends PoolChange {
    @Override
    String change(CommandContext context, Host host, String pool) {
        PoolReading.start(host, pool);
        return "is active";
    }

    @Override
    public List<Example> examples() {
        return List.of(new Example("jvirt pool start default", "make its volumes usable"));
    }
}
