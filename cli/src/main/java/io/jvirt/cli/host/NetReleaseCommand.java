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
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

@Command(description = "Keep an address for nobody any more. A guest that has it keeps it until its lease ends.")
public final class NetReleaseCommand implements CliCommand {
    @Parameters(index = "0", paramLabel = "NAME", description = "The network.")
    private String name = "";

    @Parameters(index = "1", paramLabel = "MAC|ADDRESS|HOST", description = "Whose or which address.")
    private String which = "";

    @Override
    public ExitCode run(CommandContext context) throws Exception {
        try (Host host = Host.open(context.options().connect());
                DomainLock lock = DomainLock.take(context.command(), host, List.of(JournalName.network(name)));
                Network network = Network.find(host, name)) {
            Reservation released = Reservations.remove(network, which);
            context.print(Answer.one("reservation", released, released.address())
                    .lines(List.of("Network '" + name + "' no longer keeps " + released)));
        }
        return ExitCode.DONE;
    }

    @Override
    public List<Example> examples() {
        return List.of(new Example("jvirt net release default 192.168.122.50", "by its address"));
    }
}
