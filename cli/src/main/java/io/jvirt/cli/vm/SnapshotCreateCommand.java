// SPDX-License-Identifier: Apache-2.0
package io.jvirt.cli.vm;

import io.jvirt.cli.Answer;
import io.jvirt.cli.CliCommand;
import io.jvirt.cli.CommandContext;
import io.jvirt.cli.ExitCode;
import io.jvirt.domain.libvirt.Host;
import io.jvirt.domain.snapshot.DomainSnapshot;
import io.jvirt.domain.snapshot.Snapshots;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

@Command
public final class SnapshotCreateCommand implements CliCommand {
    @Parameters(index = "0", paramLabel = "DOMAIN", description = "The domain: name, UUID or number.")
    private String domain = "";

    @Parameters(index = "1", arity = "0..1", paramLabel = "NAME", description = "Its name. Default: date and time.")
    private @Nullable String name;

    @Option(
            names = "--external",
            description =
                    "The disks go on in overlays, and the images below are the snapshot. Default: inside the images,"
                            + " where all are qcow2 and the firmware allows it.")
    private boolean isExternal;

    @Option(names = "--disk-only", description = "Without the memory of a running guest; external then.")
    private boolean isDiskOnly;

    @Option(
            names = "--quiesce",
            description = "Have the guest's agent freeze its file systems meanwhile; with --disk-only.")
    private boolean isQuiesced;

    @Option(names = "--description", paramLabel = "TEXT", description = "What it is for.")
    private @Nullable String description;

    @Override
    public ExitCode run(CommandContext context) throws Exception {
        try (Host host = Host.open(context.options().connect())) {
            DomainSnapshot made = Snapshots.create(
                    host, domain, new Snapshots.Request(name, description, isExternal, isDiskOnly, isQuiesced));
            context.print(Answer.one("snapshot", made, made.name()).lines(lines(made)));
        }
        return ExitCode.DONE;
    }

    private static List<String> lines(DomainSnapshot made) {
        List<String> lines = new ArrayList<>();
        lines.add("Snapshot '" + made.name() + "' is taken, " + made.kind() + (made.memory() ? ", with memory" : ""));
        for (DomainSnapshot.Disk disk : made.disks()) {
            lines.add("  " + disk.target() + "  goes on in " + disk.overlay());
        }
        return lines;
    }

    @Override
    public List<Example> examples() {
        return List.of(
                new Example("jvirt snapshot create web before-upgrade", "before something risky"),
                new Example(
                        "jvirt snapshot create web --disk-only --quiesce --description nightly",
                        "the disks of a running guest, its file systems frozen meanwhile"),
                new Example("jvirt snapshot create web base --external", "in overlays, with the memory if it runs"));
    }
}
