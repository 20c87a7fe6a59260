// SPDX-License-Identifier: Apache-2.0
package io.jvirt.cli.host;

import io.jvirt.cli.Answer;
import io.jvirt.cli.CliCommand;
import io.jvirt.cli.CommandContext;
import io.jvirt.cli.ExitCode;
import io.jvirt.domain.libvirt.Host;
import io.jvirt.domain.pool.VolumeSummary;
import io.jvirt.domain.pool.Volumes;
import java.util.ArrayList;
import java.util.List;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

@Command(description = "Delete volumes for good. One that a domain or another image uses is refused.")
public final class VolumeDeleteCommand implements CliCommand {
    @Parameters(index = "0", paramLabel = "POOL", description = "The pool.")
    private String pool = "";

    @Parameters(index = "1..*", arity = "1..*", paramLabel = "VOLUME", description = "The volumes.")
    private List<String> names = new ArrayList<>();

    @Option(
            names = {"-y", "--yes"},
            description = "Do not ask.")
    private boolean isYes;

    @Override
    public ExitCode run(CommandContext context) throws Exception {
        List<VolumeSummary> gone = new ArrayList<>();
        List<String> lines = new ArrayList<>();
        try (Host host = Host.open(context.options().connect())) {
            Volumes volumes = new Volumes(host, pool);
            for (String name : names) {
                gone.add(volumes.find(name));
            }
            volumes.checkDelete(gone);
            context.confirm(
                    "Delete "
                            + String.join(
                                    ", ", gone.stream().map(VolumeSummary::path).toList()) + "?",
                    isYes);
            for (VolumeSummary volume : gone) {
                context.cancellation().check();
                volumes.delete(volume.name());
                lines.add("Volume '" + volume.name() + "' is deleted");
            }
        }
        context.print(Answer.list("volumes", gone, VolumeSummary::name).lines(lines));
        return ExitCode.DONE;
    }

    @Override
    public List<Example> examples() {
        return List.of(
                new Example("jvirt volume delete default data.qcow2", "one volume; asks first"),
                new Example("jvirt volume delete default a.iso b.iso --yes", "two, without a question"));
    }
}
