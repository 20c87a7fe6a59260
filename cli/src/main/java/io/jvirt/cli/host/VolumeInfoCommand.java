// SPDX-License-Identifier: Apache-2.0
package io.jvirt.cli.host;

import io.jvirt.cli.Answer;
import io.jvirt.cli.ByteText;
import io.jvirt.cli.CliCommand;
import io.jvirt.cli.CommandContext;
import io.jvirt.cli.ExitCode;
import io.jvirt.domain.libvirt.Host;
import io.jvirt.domain.pool.VolumeSummary;
import io.jvirt.domain.pool.VolumeUses;
import io.jvirt.domain.pool.Volumes;
import java.util.ArrayList;
import java.util.List;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

@Command
public final class VolumeInfoCommand implements CliCommand {
    @Parameters(index = "0", paramLabel = "POOL", description = "The pool.")
    private String pool = "";

    @Parameters(index = "1", paramLabel = "VOLUME", description = "The volume.")
    private String name = "";

    /** The answer's record. */
    public record VolumeDetails(VolumeSummary volume, List<String> usedBy) {}

    @Override
    public ExitCode run(CommandContext context) throws Exception {
        VolumeDetails details;
        try (Host host = Host.open(context.options().connect())) {
            VolumeSummary volume = new Volumes(host, pool).find(name);
            details = new VolumeDetails(volume, VolumeUses.read(host, volume).texts());
        }
        context.print(Answer.one("volume", details, name).lines(lines(details)));
        return ExitCode.DONE;
    }

    private static List<String> lines(VolumeDetails details) {
        VolumeSummary volume = details.volume();
        List<String> lines = new ArrayList<>();
        lines.add("Name:       " + volume.name());
        lines.add("Path:       " + volume.path());
        lines.add("Type:       " + volume.type() + (volume.format() == null ? "" : ", " + volume.format()));
        lines.add("Size:       " + ByteText.of(volume.capacityBytes()) + " (on the host "
                + ByteText.of(volume.allocationBytes()) + ")");
        if (volume.backing() != null) {
            lines.add("Based on:   " + volume.backing());
        }
        for (String use : details.usedBy()) {
            lines.add("Used by:    " + use);
        }
        return lines;
    }

    @Override
    public List<Example> examples() {
        return List.of(new Example("jvirt volume info default web.qcow2", "its sizes, its base, and who uses it"));
    }
}
