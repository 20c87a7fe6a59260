// SPDX-License-Identifier: Apache-2.0
package io.jvirt.cli.vm;

import io.jvirt.cli.Answer;
import io.jvirt.cli.CliCommand;
import io.jvirt.cli.CommandContext;
import io.jvirt.cli.ExitCode;
import io.jvirt.domain.libvirt.DomainSummary;
import io.jvirt.domain.libvirt.Host;
import java.util.ArrayList;
import java.util.List;
import picocli.CommandLine.Command;

@Command
public final class AutostartListCommand implements CliCommand {
    private static final String[] HEADINGS = {"NAME", "STATE"};

    @Override
    public ExitCode run(CommandContext context) throws Exception {
        List<ListedDomain> listed = new ArrayList<>();
        try (Host host = Host.open(context.options().connect())) {
            for (DomainSummary domain : host.listDomains()) {
                if (domain.autostart()) {
                    listed.add(ListedDomain.of(domain));
                }
            }
        }
        context.print(Answer.list("domains", listed, ListedDomain::name).table(HEADINGS, domain ->
                new String[] {domain.name(), domain.state().text()}));
        return ExitCode.DONE;
    }

    @Override
    public List<Example> examples() {
        return List.of(new Example("jvirt autostart list", "the domains that start with the host"));
    }
}
