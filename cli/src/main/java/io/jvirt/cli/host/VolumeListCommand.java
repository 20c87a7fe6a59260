// SPDX-License-Identifier: Apache-2.0
package io.jvirt.cli.host;

import io.jvirt.cli.Answer;
import io.jvirt.cli.ByteText;
import io.jvirt.cli.CliCommand;
import io.jvirt.cli.CommandContext;
import io.jvirt.cli.ExitCode;
import io.jvirt.domain.JvirtException;
import io.jvirt.domain.ShellWord;
import io.jvirt.domain.libvirt.Host;
import io.jvirt.domain.libvirt.PoolState;
import io.jvirt.domain.pool.PoolContent;
import io.jvirt.domain.pool.PoolReading;
import io.jvirt.domain.pool.VolumeSummary;
import java.util.List;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

@Command
public final class VolumeListCommand implements CliCommand {
    private static final String[] HEADINGS = {"NAME", "FORMAT", "SIZE", "ON HOST", "PATH"};

    @Parameters(index = "0", paramLabel = "POOL", description = "The pool.")
    private String pool = "";

    @Override
    public ExitCode run(CommandContext context) throws Exception {
        PoolContent content;
        try (Host host = Host.open(context.options().connect())) {
            content = PoolReading.content(host, pool);
        }
        if (content.pool().state() != PoolState.RUNNING) {
            throw JvirtException.failed(
                    "pool '" + pool + "' is " + content.pool().state().text(),
                    "jvirt pool start " + ShellWord.quoted(pool));
        }
        context.print(Answer.list("volumes", content.volumes(), VolumeSummary::name)
                .table(HEADINGS, VolumeListCommand::cells));
        return ExitCode.DONE;
    }

    private static String[] cells(VolumeSummary volume) {
        String format = volume.format();
        return new String[] {
            volume.name(),
            format == null ? "-" : format,
            ByteText.of(volume.capacityBytes()),
            ByteText.of(volume.allocationBytes()),
            volume.path()
        };
    }

    @Override
    public List<Example> examples() {
        return List.of(
                new Example("jvirt volume list default", "the volumes of a pool, read anew"),
                new Example("jvirt volume list default -o name", "their names, for a script"));
    }
}
