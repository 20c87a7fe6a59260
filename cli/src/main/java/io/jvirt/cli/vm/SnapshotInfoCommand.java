// SPDX-License-Identifier: Apache-2.0
package io.jvirt.cli.vm;

import io.jvirt.cli.Answer;
import io.jvirt.cli.CliCommand;
import io.jvirt.cli.CommandContext;
import io.jvirt.cli.ExitCode;
import io.jvirt.domain.libvirt.Domain;
import io.jvirt.domain.libvirt.Host;
import io.jvirt.domain.snapshot.DomainSnapshot;
import io.jvirt.domain.snapshot.Snapshots;
import java.util.ArrayList;
import java.util.List;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

@Command
public final class SnapshotInfoCommand implements CliCommand {
    @Parameters(index = "0", paramLabel = "DOMAIN", description = "The domain: name, UUID or number.")
    private String domainName = "";

    @Parameters(index = "1", paramLabel = "NAME", description = "The snapshot.")
    private String name = "";

    @Override
    public ExitCode run(CommandContext context) throws Exception {
        try (Host host = Host.open(context.options().connect());
                Domain domain = host.findDomain(domainName)) {
            DomainSnapshot snapshot = Snapshots.find(domain, name);
            context.print(Answer.one("snapshot", snapshot, snapshot.name()).lines(lines(snapshot)));
        }
        return ExitCode.DONE;
    }

    private static List<String> lines(DomainSnapshot s) {
        List<String> lines = new ArrayList<>();
        lines.add("Name:         " + s.name() + (s.current() ? " (current)" : ""));
        lines.add("Parent:       " + (s.parent() == null ? "-" : s.parent()));
        lines.add("Created:      " + s.created());
        lines.add("State:        " + s.state());
        lines.add("Kind:         " + s.kind() + (s.memory() ? ", with memory" : ""));
        if (s.description() != null) {
            lines.add("Description:  " + s.description());
        }
        for (DomainSnapshot.Disk disk : s.disks()) {
            lines.add("Disk:         " + disk.target() + "  " + disk.image() + "  goes on in " + disk.overlay());
        }
        return lines;
    }

    @Override
    public List<Example> examples() {
        return List.of(new Example("jvirt snapshot info web before-upgrade", "what it holds, and where"));
    }
}
