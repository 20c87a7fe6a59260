// SPDX-License-Identifier: Apache-2.0
package io.jvirt.cli.host;

import io.jvirt.cli.Answer;
import io.jvirt.cli.ByteText;
import io.jvirt.cli.CliCommand;
import io.jvirt.cli.CommandContext;
import io.jvirt.cli.ExitCode;
import io.jvirt.domain.JvirtException;
import io.jvirt.domain.SizeText;
import io.jvirt.domain.libvirt.Host;
import io.jvirt.domain.pool.VolumeRequest;
import io.jvirt.domain.pool.VolumeSummary;
import io.jvirt.domain.pool.Volumes;
import java.util.List;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

@Command
public final class VolumeCreateCommand implements CliCommand {
    @Parameters(index = "0", paramLabel = "POOL", description = "The pool.")
    private String pool = "";

    @Parameters(index = "1", paramLabel = "VOLUME", description = "The new volume's name.")
    private String name = "";

    @Parameters(index = "2", paramLabel = "SIZE", description = "Its size, such as 10G.")
    private String size = "";

    @Option(names = "--format", paramLabel = "FORMAT", description = "qcow2 (the default in directories) or raw.")
    private @Nullable String format;

    @Option(
            names = "--preallocation",
            paramLabel = "MODE",
            description = "off (the default), metadata (qcow2's tables) or full (all of its space).")
    private String preallocation = "off";

    @Option(names = "--backing", paramLabel = "FILE", description = "An image on the host that it is based on.")
    private @Nullable String backing;

    @Option(
            names = "--backing-format",
            paramLabel = "FORMAT",
            description = "That image's format; only where it is in no pool.")
    private @Nullable String backingFormat;

    @Override
    public ExitCode run(CommandContext context) throws Exception {
        if (!List.of("off", "metadata", "full").contains(preallocation)) {
            throw JvirtException.usage(
                    "unknown preallocation '" + preallocation + "'", "--preallocation takes off, metadata or full");
        }
        if (format != null && !List.of("qcow2", "raw").contains(format)) {
            throw JvirtException.usage("unknown format '" + format + "'", "--format takes qcow2 or raw");
        }
        long bytes = SizeText.parse(size, "the volume's size", 0);
        try (Host host = Host.open(context.options().connect())) {
            VolumeSummary made = new Volumes(host, pool)
                    .create(new VolumeRequest(pool, name, bytes, format, preallocation, backing, backingFormat));
            context.print(Answer.one("volume", made, made.name())
                    .lines(List.of("Volume '" + made.name() + "' of " + ByteText.of(made.capacityBytes()) + " is made: "
                            + made.path())));
        }
        return ExitCode.DONE;
    }

    @Override
    public List<Example> examples() {
        return List.of(
                new Example("jvirt volume create default data.qcow2 20G", "an empty qcow2 volume"),
                new Example("jvirt volume create vg0 data 20G", "a logical volume"),
                new Example(
                        "jvirt volume create default web.qcow2 20G --backing /var/lib/libvirt/images/debian.qcow2",
                        "an overlay on an image"));
    }
}
