// SPDX-License-Identifier: Apache-2.0
package io.jvirt.cli.host;

import io.jvirt.domain.libvirt.Host;
import io.jvirt.domain.network.NetworkUsers;
import java.util.List;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

@Command
public final class NetStopCommand extends NetworkChange {
    @Option(names = "--force", description = "Also while a running domain is plugged into it.")
    private boolean isForced;

    @Override
    String change(Host host, String name) {
        NetworkUsers.stop(host, name, isForced);
        return "is inactive";
    }

    @Override
    public List<Example> examples() {
        return List.of(
                new Example("jvirt net stop default", "take its bridge down; refused while guests run on it"),
                new Example("jvirt net stop default --force", "guests on it lose their link"));
    }
}
