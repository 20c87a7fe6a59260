// SPDX-License-Identifier: Apache-2.0
package io.jvirt.cli.vm;

import io.jvirt.cli.Answer;
import io.jvirt.cli.CliCommand;
import io.jvirt.cli.CommandContext;
import io.jvirt.cli.ExitCode;
import io.jvirt.domain.autostart.OrderedDomain;
import io.jvirt.domain.autostart.StartGraph;
import io.jvirt.domain.libvirt.DomainState;
import io.jvirt.domain.libvirt.DomainSummary;
import io.jvirt.domain.libvirt.Host;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;

@Command
public final class AutostartListCommand implements CliCommand {
    private static final String[] HEADINGS = {"NAME", "STATE", "STARTED BY", "ORDER", "AFTER", "NEEDS", "READY WHEN"};

    /**
     * A domain that starts with the host.
     *
     * @param startedBy {@code libvirt} or {@code jvirt}
     * @param place in jvirt's order; null where libvirt starts it
     */
    public record Listed(
            @Nullable Integer id,
            String name,
            String uuid,
            DomainState state,
            String reason,
            boolean persistent,
            boolean autostart,
            String startedBy,
            @Nullable OrderedAutostart place) {
        static Listed of(DomainSummary domain, @Nullable OrderedAutostart place) {
            return new Listed(
                    domain.id() < 0 ? null : domain.id(),
                    domain.name(),
                    domain.uuid(),
                    domain.status().state(),
                    domain.status().reason(),
                    domain.persistent(),
                    true,
                    place == null ? "libvirt" : "jvirt",
                    place);
        }

        String[] cells() {
            if (place == null) {
                return new String[] {name, state.text(), startedBy, "-", "-", "-", "-"};
            }
            String[] placed = place.cells();
            return new String[] {name, state.text(), startedBy, placed[0], placed[3], placed[4], placed[5]};
        }
    }

    @Override
    public boolean runsWithoutArguments() {
        return true;
    }

    @Override
    public ExitCode run(CommandContext context) throws Exception {
        List<Listed> listed = new ArrayList<>();
        try (Host host = Host.open(context.options().connect())) {
            StartGraph graph = new StartGraph(OrderedDomain.all(host, context::note));
            Set<String> ordered = new HashSet<>();
            for (OrderedDomain domain : graph.inOrder()) {
                ordered.add(domain.name());
                listed.add(Listed.of(domain.summary(), OrderedAutostart.of(domain)));
            }
            for (OrderedDomain domain : graph.withoutOrder()) {
                ordered.add(domain.name());
                listed.add(Listed.of(domain.summary(), OrderedAutostart.of(domain)));
                context.note("domain '" + domain.name() + "' is on a cycle, or starts after one that is:"
                        + " it does not start with the host");
            }
            for (DomainSummary domain : host.listDomains()) {
                if (domain.autostart() && ordered.contains(domain.name())) {
                    context.note("domain '" + domain.name() + "' has libvirt's autostart flag too:"
                            + " 'jvirt autostart run' switches it off");
                } else if (domain.autostart()) {
                    listed.add(Listed.of(domain, null));
                }
            }
        }
        context.print(Answer.list("domains", listed, Listed::name).table(HEADINGS, Listed::cells));
        return ExitCode.DONE;
    }

    @Override
    public List<Example> examples() {
        return List.of(new Example("jvirt autostart list", "the domains that start with the host, in their order"));
    }
}
