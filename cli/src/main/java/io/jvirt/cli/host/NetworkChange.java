// SPDX-License-Identifier: Apache-2.0
package io.jvirt.cli.host;

import io.jvirt.cli.Answer;
import io.jvirt.cli.CliCommand;
import io.jvirt.cli.CommandContext;
import io.jvirt.cli.ExitCode;
import io.jvirt.domain.journal.DomainLock;
import io.jvirt.domain.journal.JournalName;
import io.jvirt.domain.libvirt.Host;
import io.jvirt.domain.libvirt.Network;
import io.jvirt.domain.network.NetworkSummary;
import java.util.List;
import picocli.CommandLine.Parameters;

/** A change of one network that exists; the answer is the network after it. */
public abstract class NetworkChange implements CliCommand {
    @Parameters(index = "0", paramLabel = "NAME", description = "The network.")
    private String name = "";

    /** @return what became of it, after its name: {@code "is active"} */
    abstract String change(Host host, String network);

    @Override
    public final ExitCode run(CommandContext context) throws Exception {
        try (Host host = Host.open(context.options().connect())) {
            String became;
            try (DomainLock lock = DomainLock.take(context.command(), host, List.of(JournalName.network(name)))) {
                became = change(host, name);
            }
            try (Network network = Network.find(host, name)) {
                context.print(Answer.one("network", NetworkSummary.of(network), name)
                        .lines(List.of("Network '" + name + "' " + became)));
            }
        }
        return ExitCode.DONE;
    }
}
