// SPDX-License-Identifier: Apache-2.0
package io.jvirt.cli.host;

import io.jvirt.cli.Answer;
import io.jvirt.cli.CliCommand;
import io.jvirt.cli.CommandContext;
import io.jvirt.cli.ExitCode;
import io.jvirt.domain.libvirt.Host;
import io.jvirt.domain.libvirt.Network;
import io.jvirt.domain.network.NetworkSummary;
import java.util.List;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

@Command(
        description =
                "Define a virtual network, or change the definition of the one with its name, from libvirt's XML.")
public final class NetDefineCommand implements CliCommand {
    @Parameters(index = "0", paramLabel = "FILE", description = "The XML; - for standard input.")
    private String file = "";

    @Override
    public ExitCode run(CommandContext context) throws Exception {
        String xml = DefinitionFile.read(context, file, "network");
        try (Host host = Host.open(context.options().connect());
                Network network = Network.define(host, xml)) {
            NetworkSummary made = NetworkSummary.of(network);
            context.print(Answer.one("network", made, made.name())
                    .lines(List.of("Network '" + made.name() + "' is defined"
                            + (made.active() ? "; it runs on as it was started" : ""))));
        }
        return ExitCode.DONE;
    }

    @Override
    public List<Example> examples() {
        return List.of(
                new Example("jvirt net define vlan.xml", "a network with anything that libvirt knows"),
                new Example("jvirt net define -", "from standard input"));
    }
}
