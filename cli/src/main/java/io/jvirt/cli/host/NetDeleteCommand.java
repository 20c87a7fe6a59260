// SPDX-License-Identifier: Apache-2.0
package io.jvirt.cli.host;

import io.jvirt.cli.Answer;
import io.jvirt.cli.CliCommand;
import io.jvirt.cli.CommandContext;
import io.jvirt.cli.ExitCode;
import io.jvirt.domain.libvirt.Host;
import io.jvirt.domain.libvirt.Network;
import io.jvirt.domain.network.NetworkSummary;
import io.jvirt.domain.network.NetworkUsers;
import io.jvirt.domain.step.Steps;
import java.util.List;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

@Command(description = "Stop a virtual network and remove its definition.")
public final class NetDeleteCommand implements CliCommand {
    @Parameters(index = "0", paramLabel = "NAME", description = "The network.")
    private String name = "";

    @Option(names = "--force", description = "Also where a domain is on it, which then cannot start.")
    private boolean isForced;

    @Option(
            names = {"-y", "--yes"},
            description = "Do not ask.")
    private boolean isYes;

    @Override
    public ExitCode run(CommandContext context) throws Exception {
        NetworkSummary gone;
        try (Host host = Host.open(context.options().connect())) {
            try (Network network = Network.find(host, name)) {
                gone = NetworkSummary.of(network);
            }
            context.confirm("Remove network '" + name + "'?", isYes);
            NetworkUsers.delete(host, Steps.journal(), name, isForced, context.cancellation());
        }
        context.print(Answer.one("network", gone, name).lines(List.of("Network '" + name + "' is deleted")));
        return ExitCode.DONE;
    }

    @Override
    public List<Example> examples() {
        return List.of(
                new Example("jvirt net delete lab", "remove it; asks first"),
                new Example("jvirt net delete lab --force --yes", "also where domains are on it"));
    }
}
