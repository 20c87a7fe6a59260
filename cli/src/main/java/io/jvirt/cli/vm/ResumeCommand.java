// SPDX-License-Identifier: Apache-2.0
package io.jvirt.cli.vm;

import io.jvirt.cli.CliCommand;
import io.jvirt.cli.CommandContext;
import io.jvirt.cli.ExitCode;
import io.jvirt.domain.autostart.ReadyWait;
import io.jvirt.domain.libvirt.Domain;
import io.jvirt.domain.libvirt.DomainState;
import io.jvirt.domain.power.Running;
import java.util.ArrayList;
import java.util.List;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;

@Command
public final class ResumeCommand implements CliCommand {
    @Parameters(arity = "1..*", paramLabel = "NAME", description = "Domains: name, UUID or number.")
    private List<String> names = new ArrayList<>();

    @Mixin
    private WaitOptions wait = new WaitOptions();

    @Override
    public ExitCode run(CommandContext context) throws Exception {
        ReadyWait ready = wait.parse("resume " + names.get(0));
        EachDomain.change(
                context,
                names,
                ready == null ? "is running" : "is running and ready",
                ResumeCommand::resume,
                (host, name) -> {
                    if (ready != null) {
                        ready.await(host, name, "is running", context.cancellation());
                    }
                });
        return ExitCode.DONE;
    }

    private static void resume(Domain domain) {
        Running.checkHalted(domain);
        if (domain.status().state() == DomainState.PM_SUSPENDED) {
            domain.wakeUp();
        } else {
            domain.resume();
        }
    }

    @Override
    public List<Example> examples() {
        return List.of(
                new Example("jvirt resume web db", "let both run on"),
                new Example("jvirt resume web --wait agent", "and return when its guest agent answers"));
    }
}
