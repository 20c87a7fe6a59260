// SPDX-License-Identifier: Apache-2.0
package io.jvirt.cli.host;

import io.jvirt.cli.CliCommand;
import io.jvirt.cli.CommandContext;
import io.jvirt.cli.ExitCode;
import io.jvirt.domain.host.DefaultNetwork;
import io.jvirt.domain.host.DefaultPool;
import io.jvirt.domain.libvirt.Host;
import java.util.List;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;

@Command(
        description = {
            "Start the default network and the default storage pool, now and whenever libvirt starts;"
                    + " make them where they are missing. './jvirt' does this at its first run."
        })
public final class SetupCommand implements CliCommand {
    @Override
    public ExitCode run(CommandContext context) {
        try (Host host = Host.open(context.options().connect())) {
            say(context, DefaultPool.ensure(host));
            // A user's own libvirt has no right to make bridges: its machines use user-mode networking.
            if (!host.uri().endsWith("/session")) {
                say(context, DefaultNetwork.ensure(host));
            }
        }
        return ExitCode.DONE;
    }

    private static void say(CommandContext context, @Nullable String done) {
        if (done != null) {
            context.say("jvirt: " + done);
        }
    }

    @Override
    public boolean runsWithoutArguments() {
        return true;
    }

    @Override
    public List<Example> examples() {
        return List.of(new Example("jvirt setup", "network and pool 'default' of this machine"));
    }
}
