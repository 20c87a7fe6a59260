// SPDX-License-Identifier: Apache-2.0
package io.jvirt.cli.host;

import io.jvirt.cli.Answer;
import io.jvirt.cli.CliCommand;
import io.jvirt.cli.CommandContext;
import io.jvirt.cli.ExitCode;
import io.jvirt.domain.libvirt.DhcpLease;
import io.jvirt.domain.libvirt.Host;
import io.jvirt.domain.libvirt.Network;
import java.util.ArrayList;
import java.util.List;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

@Command
public final class NetInfoCommand implements CliCommand {
    @Parameters(index = "0", paramLabel = "NAME", description = "The network.")
    private String name = "";

    /** The answer's record. */
    public record NetworkDetails(ListedNetwork network, List<DhcpLease> leases) {}

    @Override
    public ExitCode run(CommandContext context) throws Exception {
        NetworkDetails details;
        try (Host host = Host.open(context.options().connect());
                Network network = Network.find(host, name)) {
            details = new NetworkDetails(
                    ListedNetwork.of(network), network.isActive() ? network.leases(null) : List.of());
        }
        context.print(Answer.one("network", details, details.network().name()).lines(lines(details)));
        return ExitCode.DONE;
    }

    private static List<String> lines(NetworkDetails details) {
        ListedNetwork network = details.network();
        List<String> lines = new ArrayList<>();
        lines.add("Name:       " + network.name());
        lines.add("State:      " + (network.active() ? "active" : "inactive") + ", autostart "
                + (network.autostart() ? "on" : "off"));
        lines.add("Forward:    " + network.forward());
        if (network.bridge() != null) {
            lines.add("Bridge:     " + network.bridge());
        }
        if (network.address() != null) {
            lines.add("Address:    " + network.address());
        }
        for (DhcpLease lease : details.leases()) {
            String hostname = lease.hostname();
            lines.add("Lease:      " + lease.address() + "/" + lease.prefix() + ", " + lease.mac()
                    + (hostname == null ? "" : ", " + hostname));
        }
        return lines;
    }

    @Override
    public List<Example> examples() {
        return List.of(new Example("jvirt net info default", "its bridge, address and the leases given out"));
    }
}
