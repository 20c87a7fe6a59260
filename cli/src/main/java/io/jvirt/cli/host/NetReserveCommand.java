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
import io.jvirt.domain.network.Reservation;
import io.jvirt.domain.network.Reservations;
import java.util.List;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

@Command(
        description = "Have a network's DHCP server give a guest always the same address, in the running network and in"
                + " its definition. The guest gets it when it asks the next time.")
public final class NetReserveCommand implements CliCommand {
    @Parameters(index = "0", paramLabel = "NAME", description = "The network.")
    private String name = "";

    @Parameters(index = "1", paramLabel = "MAC", description = "The MAC address of the guest's interface.")
    private String mac = "";

    @Parameters(index = "2", paramLabel = "ADDRESS", description = "The IPv4 address.")
    private String address = "";

    @Option(names = "--host", paramLabel = "NAME", description = "A name for it in the network's DNS.")
    private @Nullable String hostname;

    @Override
    public ExitCode run(CommandContext context) throws Exception {
        try (Host host = Host.open(context.options().connect());
                DomainLock lock = DomainLock.take(context.command(), host, List.of(JournalName.network(name)));
                Network network = Network.find(host, name)) {
            Reservation kept = Reservations.add(network, mac, address, hostname);
            context.print(Answer.one("reservation", kept, kept.address())
                    .lines(List.of("Network '" + name + "' keeps " + kept)));
        }
        return ExitCode.DONE;
    }

    @Override
    public List<Example> examples() {
        return List.of(new Example(
                "jvirt net reserve default 52:54:00:12:34:56 192.168.122.50 --host web",
                "jvirt info shows a guest's MAC address"));
    }
}
