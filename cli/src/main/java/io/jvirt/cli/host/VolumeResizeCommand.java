// SPDX-License-Identifier: Apache-2.0
package io.jvirt.cli.host;

import io.jvirt.cli.Answer;
import io.jvirt.cli.ByteText;
import io.jvirt.cli.CliCommand;
import io.jvirt.cli.CommandContext;
import io.jvirt.cli.ExitCode;
import io.jvirt.domain.SizeText;
import io.jvirt.domain.libvirt.Host;
import io.jvirt.domain.pool.VolumeSummary;
import io.jvirt.domain.pool.Volumes;
import java.util.List;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

@Command
public final class VolumeResizeCommand implements CliCommand {
    @Parameters(index = "0", paramLabel = "POOL", description = "The pool.")
    private String pool = "";

    @Parameters(index = "1", paramLabel = "VOLUME", description = "The volume; its domain must be off.")
    private String name = "";

    @Parameters(index = "2", paramLabel = "SIZE", description = "Its new size, such as 20G, or +5G for so much more.")
    private String size = "";

    @Option(names = "--shrink", description = "Allow a smaller size; what lies behind it is lost. Asks first.")
    private boolean isShrunk;

    @Option(
            names = {"-y", "--yes"},
            description = "Do not ask before --shrink.")
    private boolean isYes;

    @Override
    public ExitCode run(CommandContext context) throws Exception {
        boolean isMore = size.startsWith("+");
        long bytes = SizeText.parse(isMore ? size.substring(1) : size, "the volume's size", 0);
        try (Host host = Host.open(context.options().connect())) {
            Volumes volumes = new Volumes(host, pool);
            long target = isMore ? Math.addExact(volumes.find(name).capacityBytes(), bytes) : bytes;
            VolumeSummary before = volumes.checkResize(name, target, isShrunk);
            if (target < before.capacityBytes()) {
                context.confirm(
                        "Cut off the last " + ByteText.of(before.capacityBytes() - target) + " of volume '" + name
                                + "'?",
                        isYes);
            }
            VolumeSummary after = volumes.resize(name, target, isShrunk);
            context.print(Answer.one("volume", after, name)
                    .lines(List.of("Volume '" + name + "' has " + ByteText.of(after.capacityBytes()) + ", "
                            + ByteText.of(before.capacityBytes()) + " before")));
        }
        return ExitCode.DONE;
    }

    @Override
    public List<Example> examples() {
        return List.of(
                new Example(
                        "jvirt volume resize default web.qcow2 40G", "make it larger; the guest grows its file system"),
                new Example("jvirt volume resize default web.qcow2 +10G", "by so much"),
                new Example("jvirt volume resize default web.qcow2 5G --shrink --yes", "after the guest's was shrunk"));
    }
}
