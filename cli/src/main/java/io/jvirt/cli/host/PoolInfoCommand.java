// SPDX-License-Identifier: Apache-2.0
package io.jvirt.cli.host;

import io.jvirt.cli.Answer;
import io.jvirt.cli.ByteText;
import io.jvirt.cli.CliCommand;
import io.jvirt.cli.CommandContext;
import io.jvirt.cli.ExitCode;
import io.jvirt.domain.libvirt.Host;
import io.jvirt.domain.libvirt.Pool;
import io.jvirt.domain.libvirt.Volume;
import io.jvirt.domain.libvirt.VolumeSize;
import java.util.ArrayList;
import java.util.List;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

@Command
public final class PoolInfoCommand implements CliCommand {
    @Parameters(index = "0", paramLabel = "NAME", description = "The pool.")
    private String name = "";

    /** A volume of the pool. */
    public record ListedVolume(String name, String path, long capacityBytes, long allocationBytes) {}

    /** The answer's record. */
    public record PoolDetails(ListedPool pool, List<ListedVolume> volumes) {}

    @Override
    public ExitCode run(CommandContext context) throws Exception {
        List<ListedVolume> volumes = new ArrayList<>();
        ListedPool listed;
        try (Host host = Host.open(context.options().connect());
                Pool pool = Pool.find(host, name)) {
            if (pool.isActive()) {
                pool.refresh();
                for (Volume volume : pool.volumes()) {
                    try (volume) {
                        VolumeSize size = volume.size();
                        volumes.add(new ListedVolume(
                                volume.name(), volume.path(), size.capacityBytes(), size.allocationBytes()));
                    }
                }
            }
            listed = ListedPool.of(pool);
        }
        PoolDetails details = new PoolDetails(listed, volumes);
        context.print(Answer.one("pool", details, listed.name()).lines(lines(details)));
        return ExitCode.DONE;
    }

    private static List<String> lines(PoolDetails details) {
        ListedPool pool = details.pool();
        List<String> lines = new ArrayList<>();
        lines.add("Name:       " + pool.name());
        lines.add("State:      " + pool.state().text() + ", autostart " + (pool.autostart() ? "on" : "off"));
        lines.add("Type:       " + pool.type());
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
        for (ListedVolume volume : details.volumes()) {
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
