// SPDX-License-Identifier: Apache-2.0
package io.jvirt.cli.vm;

import io.jvirt.cli.Answer;
import io.jvirt.cli.ByteText;
import io.jvirt.cli.CliCommand;
import io.jvirt.cli.CommandContext;
import io.jvirt.cli.ExitCode;
import io.jvirt.domain.delete.Purge;
import io.jvirt.domain.delete.TrashedMachine;
import io.jvirt.domain.journal.StateDirectory;
import io.jvirt.domain.libvirt.Host;
import io.jvirt.domain.step.Steps;
import io.jvirt.domain.trash.Trash;
import java.util.List;
import picocli.CommandLine.Command;

@Command
public final class TrashListCommand implements CliCommand {
    private static final String[] HEADINGS = {"ID", "NAME", "DELETED", "SIZE", "SNAPSHOTS", "DISKS"};

    @Override
    public ExitCode run(CommandContext context) throws Exception {
        try (Host host = Host.open(context.options().connect())) {
            List<TrashedMachine> machines =
                    new Purge(host, Steps.journal(), new Trash(StateDirectory.current())).list();
            context.print(Answer.list("machines", machines, TrashedMachine::id)
                    .table(HEADINGS, machine -> new String[] {
                        machine.id(),
                        machine.name(),
                        machine.deletedAt(),
                        ByteText.of(machine.allocatedBytes()),
                        machine.snapshots() == 0 ? "-" : Integer.toString(machine.snapshots()),
                        machine.disks().isEmpty() ? "-" : String.join(", ", machine.disks())
                    }));
            return ExitCode.DONE;
        }
    }

    @Override
    public List<Example> examples() {
        return List.of(
                new Example("jvirt trash list", "what can be brought back, oldest first, and the space it takes"),
                new Example("jvirt trash list -o json", "the same for programs, sizes in bytes"));
    }
}
