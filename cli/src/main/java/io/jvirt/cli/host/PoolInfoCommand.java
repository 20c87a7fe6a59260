// SPDX-License-Identifier: Apache-2.0
package io.jvirt.cli.host;

import io.jvirt.cli.Answer;
import io.jvirt.cli.ByteText;
import io.jvirt.cli.CliCommand;
import io.jvirt.cli.CommandContext;
import io.jvirt.cli.ExitCode;
import io.jvirt.domain.libvirt.Host;
import io.jvirt.domain.pool.PoolContent;
import io.jvirt.domain.pool.PoolReading;
import io.jvirt.domain.pool.PoolSummary;
import io.jvirt.domain.pool.VolumeSummary;
import java.util.ArrayList;
import java.util.List;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

@Command
public final class PoolInfoCommand implements CliCommand {
    @Parameters(index = "0", paramLabel = "NAME", description = "The pool.")
    private String name = "";

    @Override
    public ExitCode run(CommandContext context) throws Exception {
        PoolContent content;
        try (Host host = Host.open(context.options().connect())) {
            content = PoolReading.content(host, name);
        }
        context.print(Answer.one("pool", content, name).lines(lines(content)));
        return ExitCode.DONE;
    }

    private static List<String> lines(PoolContent content) {
        PoolSummary pool = content.pool();
        List<String> lines = new ArrayList<>();
        lines.add("Name:       " + pool.name());
        lines.add("State:      " + pool.state().text() + ", autostart " + (pool.autostart() ? "on" : "off"));
        lines.add("Type:       " + pool.type());
        if (pool.source() != null) {
            lines.add("Source:     " + pool.source());
        }
        if (pool.target() != null) {
            lines.add("Target:     " + pool.target());
        }
        Long capacity = pool.capacityBytes();
        Long allocation = pool.allocationBytes();
        Long available = pool.availableBytes();
        if (capacity != null && allocation != null && available != null) {
            lines.add("Space:      " + ByteText.of(capacity) + ", " + ByteText.of(allocation) + " used, "
                    + ByteText.of(available) + " free");
        }
        for (VolumeSummary volume : content.volumes()) {
            lines.add("Volume:     " + volume.name() + ", " + ByteText.of(volume.capacityBytes()) + " (on the host "
                    + ByteText.of(volume.allocationBytes()) + ")");
        }
        return lines;
    }

    @Override
    public List<Example> examples() {
        return List.of(new Example("jvirt pool info default", "its space and its volumes"));
    }
}
