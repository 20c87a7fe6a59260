// SPDX-License-Identifier: Apache-2.0
package io.jvirt.cli.host;

import io.jvirt.cli.Answer;
import io.jvirt.cli.CliCommand;
import io.jvirt.cli.CommandContext;
import io.jvirt.cli.ExitCode;
import io.jvirt.domain.JvirtException;
import io.jvirt.domain.libvirt.Host;
import io.jvirt.domain.libvirt.Pool;
import io.jvirt.domain.pool.PoolCreation;
import io.jvirt.domain.pool.PoolRequest;
import io.jvirt.domain.pool.PoolSummary;
import io.jvirt.domain.pool.PoolType;
import io.jvirt.domain.step.Steps;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

@Command
public final class PoolCreateCommand implements CliCommand {
    @Parameters(index = "0", paramLabel = "NAME", description = "The new pool's name.")
    private String name = "";

    @Option(names = "--type", paramLabel = "TYPE", description = "dir (the default), fs, netfs, logical or disk.")
    private String type = "dir";

    @Option(
            names = {"--target", "--dir"},
            paramLabel = "DIR",
            description = "Where its volumes are seen on the host; a directory is made where it is missing.")
    private @Nullable String target;

    @Option(names = "--source-host", paramLabel = "HOST", description = "netfs: the server.")
    private @Nullable String sourceHost;

    @Option(names = "--source-path", paramLabel = "DIR", description = "netfs: what the server exports.")
    private @Nullable String sourcePath;

    @Option(
            names = "--source-dev",
            paramLabel = "DEV",
            description = "fs, disk: the device. logical: the devices of the volume group, again for more.")
    private List<String> sourceDevices = new ArrayList<>();

    @Option(
            names = "--source-name",
            paramLabel = "VG",
            description = "logical: the volume group; the pool's name where it is left out.")
    private @Nullable String sourceName;

    @Option(
            names = "--source-format",
            paramLabel = "FORMAT",
            description = "fs: ext4, xfs, …; netfs: nfs, cifs, glusterfs; disk: gpt, dos, ….")
    private @Nullable String sourceFormat;

    @Option(
            names = "--build",
            description = "fs, logical, disk: make the file system, volume group or label; refused where one is there.")
    private boolean isBuilt;

    @Option(names = "--overwrite", description = "fs, disk: make it over whatever is on the device. Asks first.")
    private boolean isOverwritten;

    @Option(names = "--no-start", description = "Only define it.")
    private boolean isStopped;

    @Option(names = "--no-autostart", description = "Do not start it with the host.")
    private boolean isManual;

    @Option(
            names = {"-y", "--yes"},
            description = "Do not ask before --overwrite.")
    private boolean isYes;

    @Override
    public ExitCode run(CommandContext context) throws Exception {
        PoolRequest request = new PoolRequest(
                name, PoolType.parse(type), target, sourceHost, sourcePath, sourceDevices, sourceName, sourceFormat);
        Pool.Build build = isOverwritten ? Pool.Build.OVERWRITE : isBuilt ? Pool.Build.NEW : Pool.Build.PLAIN;
        if (isOverwritten && request.type() == PoolType.LOGICAL) {
            throw JvirtException.usage(
                    "--overwrite means nothing to a pool of type logical", "--build makes its volume group");
        }
        PoolCreation.Wishes wishes = new PoolCreation.Wishes(build, !isStopped, !isManual);
        try (Host host = Host.open(context.options().connect())) {
            PoolCreation.check(host, request, wishes);
            if (isOverwritten) {
                context.confirm(
                        "Make a new " + (request.type() == PoolType.FS ? "file system" : "label") + " on "
                                + sourceDevices.get(0) + ", over everything that is there?",
                        isYes);
            }
            PoolSummary made = PoolCreation.perform(host, Steps.journal(), request, wishes, context.cancellation());
            context.print(Answer.one("pool", made, made.name())
                    .lines(List.of("Pool '" + name + "' is " + made.state().text() + " in " + made.target())));
        }
        return ExitCode.DONE;
    }

    @Override
    public List<Example> examples() {
        return List.of(
                new Example("jvirt pool create data --dir /data/images", "a pool of disk files in a directory"),
                new Example("jvirt pool create scratch --dir /var/tmp/vm --no-autostart", "one for now"),
                new Example(
                        "jvirt pool create usb --type fs --source-dev /dev/sdb1 --target /mnt/usb",
                        "a file system, mounted while the pool is active"),
                new Example(
                        "jvirt pool create shared --type netfs --source-host nas --source-path /export/vm --target /mnt/vm",
                        "an NFS export"),
                new Example("jvirt pool create vg0 --type logical", "the volume group vg0, which exists"),
                new Example(
                        "jvirt pool create fast --type logical --source-dev /dev/nvme1n1 --build",
                        "a new volume group on a device"),
                new Example(
                        "jvirt pool create parts --type disk --source-dev /dev/sdc --source-format gpt --build",
                        "the partitions of a disk"));
    }
}
