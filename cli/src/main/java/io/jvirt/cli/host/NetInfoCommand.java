// SPDX-License-Identifier: Apache-2.0
package io.jvirt.cli.host;

import io.jvirt.cli.Answer;
import io.jvirt.cli.CliCommand;
import io.jvirt.cli.CommandContext;
import io.jvirt.cli.ExitCode;
import io.jvirt.domain.libvirt.DhcpLease;
import io.jvirt.domain.libvirt.Host;
import io.jvirt.domain.libvirt.Network;
import io.jvirt.domain.network.NetworkDetails;
import io.jvirt.domain.network.NetworkSummary;
import io.jvirt.domain.network.Reservation;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

@Command
public final class NetInfoCommand implements CliCommand {
    @Parameters(index = "0", paramLabel = "NAME", description = "The network.")
    private String name = "";

    @Override
    public ExitCode run(CommandContext context) throws Exception {
        NetworkDetails details;
        try (Host host = Host.open(context.options().connect());
                Network network = Network.find(host, name)) {
            details = NetworkDetails.of(host, network);
        }
        context.print(Answer.one("network", details, details.network().name()).lines(lines(details)));
        if (details.problem() != null) {
            context.note("network '" + name + "': " + details.problem());
        }
        return ExitCode.DONE;
    }

    private static List<String> lines(NetworkDetails details) {
        NetworkSummary network = details.network();
        List<String> lines = new ArrayList<>();
        lines.add("Name:       " + network.name());
        lines.add("State:      " + (network.active() ? "active" : "inactive") + ", autostart "
                + (network.autostart() ? "on" : "off"));
        lines.add("Forward:    " + network.forward() + (details.device() == null ? "" : " by " + details.device()));
        if (network.bridge() != null) {
            lines.add("Bridge:     " + network.bridge());
        }
        for (String address : details.addresses()) {
            lines.add("Address:    " + address);
        }
        for (String range : details.dhcpRanges()) {
            lines.add("DHCP:       " + range);
        }
        for (Reservation reservation : details.reservations()) {
            lines.add("Kept:       " + reservation);
        }
        for (DhcpLease lease : details.leases()) {
            String hostname = lease.hostname();
            lines.add("Lease:      " + lease.address() + "/" + lease.prefix() + ", " + lease.mac()
                    + (hostname == null ? "" : ", " + hostname)
                    + (lease.expirySeconds() > 0 ? ", until " + Instant.ofEpochSecond(lease.expirySeconds()) : ""));
        }
        if (!details.usedBy().isEmpty()) {
            lines.add("Used by:    " + String.join(", ", details.usedBy()));
        }
        return lines;
    }

    @Override
    public List<Example> examples() {
        return List.of(new Example(
                "jvirt net info default", "its bridge, addresses, leases and reservations, and who is on it"));
    }
}
