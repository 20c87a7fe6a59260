// SPDX-License-Identifier: Apache-2.0
package io.jvirt.cli.host;

import io.jvirt.cli.Answer;
import io.jvirt.cli.CliCommand;
import io.jvirt.cli.CommandContext;
import io.jvirt.cli.ExitCode;
import io.jvirt.domain.libvirt.Host;
import io.jvirt.domain.libvirt.Network;
import io.jvirt.domain.network.NetworkSummary;
import java.util.ArrayList;
import java.util.List;
import picocli.CommandLine.Command;

@Command
public final class NetListCommand implements CliCommand {
    private static final String[] HEADINGS = {"NAME", "STATE", "AUTOSTART", "FORWARD", "BRIDGE", "ADDRESS"};

    @Override
    public ExitCode run(CommandContext context) throws Exception {
        List<NetworkSummary> listed = new ArrayList<>();
        try (Host host = Host.open(context.options().connect())) {
            for (Network network : Network.list(host)) {
                try (network) {
                    listed.add(NetworkSummary.of(network));
                }
            }
        }
        context.print(Answer.list("networks", listed, NetworkSummary::name).table(HEADINGS, NetListCommand::cells));
        return ExitCode.DONE;
    }

    private static String[] cells(NetworkSummary network) {
        String bridge = network.bridge();
        String address = network.address();
        return new String[] {
            network.name(),
            network.active() ? "active" : "inactive",
            network.autostart() ? "on" : "off",
            network.forward(),
            bridge == null ? "-" : bridge,
            address == null ? "-" : address
        };
    }

    @Override
    public boolean runsWithoutArguments() {
        return true;
    }

    @Override
    public List<Example> examples() {
        return List.of(new Example("jvirt net list", "the virtual networks, their bridges and addresses"));
    }
}
