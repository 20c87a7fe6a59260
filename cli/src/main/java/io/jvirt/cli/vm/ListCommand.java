// SPDX-License-Identifier: Apache-2.0
package io.jvirt.cli.vm;

import io.jvirt.cli.Answer;
import io.jvirt.cli.CliCommand;
import io.jvirt.cli.CommandContext;
import io.jvirt.cli.ExitCode;
import io.jvirt.cli.OutputFormat;
import io.jvirt.domain.libvirt.DomainSummary;
import io.jvirt.domain.libvirt.Host;
import java.util.ArrayList;
import java.util.List;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

@Command
public final class ListCommand implements CliCommand {
    private static final String[] HEADINGS = {"ID", "NAME", "STATE", "AUTOSTART"};

    @Option(names = "--running", description = "Only domains that run (or are paused).")
    private boolean isRunning;

    @Option(names = "--off", description = "Only domains that are off.")
    private boolean isOff;

    // virsh's option; jvirt shows all unless told otherwise.
    @Option(names = "--all", hidden = true)
    private boolean isAll;

    @Override
    public ExitCode run(CommandContext context) throws Exception {
        List<ListedDomain> listed = new ArrayList<>();
        try (Host host = Host.open(context.options().connect())) {
            OutputFormat format = context.options().output();
            boolean withUuids = format == OutputFormat.JSON || format == OutputFormat.YAML;
            for (DomainSummary domain : host.listDomains(withUuids)) {
                boolean active = domain.status().state().isActive();
                if (isAll || isRunning == isOff || (active ? isRunning : isOff)) {
                    listed.add(ListedDomain.of(domain));
                }
            }
        }
        context.print(Answer.list("domains", listed, ListedDomain::name).table(HEADINGS, ListCommand::cells));
        return ExitCode.DONE;
    }

    private static String[] cells(ListedDomain domain) {
        Integer id = domain.id();
        return new String[] {
            id == null ? "-" : id.toString(), domain.name(), domain.state().text(), domain.autostart() ? "on" : "off"
        };
    }

    @Override
    public boolean runsWithoutArguments() {
        return true;
    }

    @Override
    public List<Example> examples() {
        return List.of(
                new Example("jvirt list", "all domains and their states"),
                new Example("jvirt list --running -o name", "the names of those that run, for a script"),
                new Example("jvirt list -c qemu+ssh://root@hostb/system -o json", "another host's, for a program"));
    }
}
