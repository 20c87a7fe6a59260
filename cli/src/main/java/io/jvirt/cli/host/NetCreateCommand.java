// SPDX-License-Identifier: Apache-2.0
package io.jvirt.cli.host;

import io.jvirt.cli.Answer;
import io.jvirt.cli.CliCommand;
import io.jvirt.cli.CommandContext;
import io.jvirt.cli.ExitCode;
import io.jvirt.domain.JvirtException;
import io.jvirt.domain.libvirt.Host;
import io.jvirt.domain.network.ForwardMode;
import io.jvirt.domain.network.NetworkCreation;
import io.jvirt.domain.network.NetworkPlan;
import io.jvirt.domain.network.NetworkSummary;
import io.jvirt.domain.step.Steps;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

@Command(
        description = {
            "Make a virtual network and start it. Its addresses must be free: those of the other networks and of the"
                    + " host's routes are refused. libvirt's networks cannot forward single ports to guests: plug the"
                    + " guest into a bridge, or route to it."
        })
public final class NetCreateCommand implements CliCommand {
    @Parameters(index = "0", paramLabel = "NAME", description = "The new network's name.")
    private String name = "";

    @Option(
            names = "--forward",
            paramLabel = "MODE",
            description = "nat (the default), route, open (route without firewall rules), isolated, or bridge.")
    private String forward = "nat";

    @Option(
            names = "--subnet",
            paramLabel = "ADDRESS/PREFIX",
            description = "Its addresses; a free 192.168.N.0/24 where it is left out. Again for IPv6.")
    private List<String> subnets = new ArrayList<>();

    @Option(names = "--dhcp-range", paramLabel = "FIRST,LAST", description = "Which addresses are given out.")
    private @Nullable String range;

    @Option(names = "--no-dhcp", description = "Give out no addresses.")
    private boolean hasNoDhcp;

    @Option(
            names = "--bridge",
            paramLabel = "DEV",
            description = "--forward bridge: the host's bridge, which must exist. Else the new bridge's name.")
    private @Nullable String bridge;

    @Option(names = "--dev", paramLabel = "DEV", description = "Let traffic leave by this device of the host only.")
    private @Nullable String device;

    @Option(names = "--domain", paramLabel = "DOMAIN", description = "The DNS domain of its guests.")
    private @Nullable String domain;

    @Option(names = "--no-start", description = "Only define it.")
    private boolean isStopped;

    @Option(names = "--no-autostart", description = "Do not start it with the host.")
    private boolean isManual;

    @Option(names = "--print-xml", description = "Check everything, print libvirt's XML, and change nothing.")
    private boolean isPrinted;

    @Override
    public ExitCode run(CommandContext context) throws Exception {
        NetworkPlan plan = plan().check();
        try (Host host = Host.open(context.options().connect())) {
            if (isPrinted) {
                String xml = NetworkCreation.check(host, plan).xml(new java.util.UUID(0, 0).toString());
                context.stdio().out().print(xml.replaceFirst("\\s*<uuid>[^<]*</uuid>", ""));
                return ExitCode.DONE;
            }
            NetworkSummary made =
                    NetworkCreation.perform(host, Steps.journal(), plan, !isStopped, !isManual, context.cancellation());
            context.print(Answer.one("network", made, made.name())
                    .lines(List.of("Network '" + made.name() + "' is " + (made.active() ? "active" : "inactive") + ", "
                            + made.forward() + (made.bridge() == null ? "" : ", bridge " + made.bridge())
                            + (made.address() == null ? "" : ", " + made.address()))));
        }
        return ExitCode.DONE;
    }

    private NetworkPlan plan() {
        String first = null;
        String last = null;
        if (range != null) {
            String[] ends = range.split(",", -1);
            if (ends.length != 2) {
                throw JvirtException.usage(
                        "'" + range + "' is no range of addresses", "write the first and the last one: A,B");
            }
            if (hasNoDhcp) {
                throw JvirtException.usage("--dhcp-range and --no-dhcp exclude each other", "leave one of them out");
            }
            first = ends[0].strip();
            last = ends[1].strip();
        }
        return new NetworkPlan(
                name, ForwardMode.parse(forward), device, bridge, subnets, !hasNoDhcp, first, last, domain);
    }

    @Override
    public List<Example> examples() {
        return List.of(
                new Example("jvirt net create lab", "NAT with DHCP, on addresses that are free"),
                new Example(
                        "jvirt net create lab --subnet 192.168.150.0/24 --dhcp-range 192.168.150.100,192.168.150.200",
                        "on these addresses"),
                new Example("jvirt net create inner --forward isolated --no-dhcp", "guests among themselves"),
                new Example("jvirt net create lan --forward bridge --bridge br0", "guests in the network of the host"),
                new Example(
                        "jvirt net create dmz --forward route --dev eth1 --subnet 10.20.0.0/24 --domain dmz.example",
                        "routed by one device of the host"));
    }
}
