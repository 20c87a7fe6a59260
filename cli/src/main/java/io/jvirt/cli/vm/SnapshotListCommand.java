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
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

@Command
public final class SnapshotListCommand implements CliCommand {
    @Parameters(index = "0", paramLabel = "DOMAIN", description = "The domain: name, UUID or number.")
    private String name = "";

    @Override
    public ExitCode run(CommandContext context) throws Exception {
        try (Host host = Host.open(context.options().connect());
                Domain domain = host.findDomain(name)) {
            List<DomainSnapshot> all = Snapshots.list(domain);
            Map<String, Integer> depths = new HashMap<>();
            context.print(Answer.list("snapshots", all, DomainSnapshot::name)
                    .table(new String[] {"NAME", "CREATED", "STATE", "KIND", "CURRENT"}, s -> new String[] {
                        indent(s, depths) + s.name(), s.created(), s.state(), s.kind(), s.current() ? "yes" : "-"
                    }));
        }
        return ExitCode.DONE;
    }

    /** Parents come before their children. */
    private static String indent(DomainSnapshot snapshot, Map<String, Integer> depths) {
        Integer above = snapshot.parent() == null ? null : depths.get(snapshot.parent());
        int depth = above == null ? 0 : above + 1;
        depths.put(snapshot.name(), depth);
        return depth == 0 ? "" : "  ".repeat(depth - 1) + "└ ";
    }

    @Override
    public List<Example> examples() {
        return List.of(
                new Example("jvirt snapshot list web", "each below the one that it was taken after"),
                new Example("jvirt snapshot list web -o json", "for programs"));
    }
}
