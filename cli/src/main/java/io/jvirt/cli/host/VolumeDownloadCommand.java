// SPDX-License-Identifier: Apache-2.0
package io.jvirt.cli.host;

import io.jvirt.cli.Answer;
import io.jvirt.cli.CliCommand;
import io.jvirt.cli.CommandContext;
import io.jvirt.cli.ExitCode;
import io.jvirt.cli.Progress;
import io.jvirt.domain.libvirt.Host;
import io.jvirt.domain.pool.VolumeSummary;
import io.jvirt.domain.pool.VolumeTransfer;
import java.nio.file.Path;
import java.util.List;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

@Command(description = "Copy a volume, byte for byte, into a file of this machine. Holes stay holes.")
public final class VolumeDownloadCommand implements CliCommand {
    @Parameters(index = "0", paramLabel = "POOL", description = "The pool.")
    private String pool = "";

    @Parameters(index = "1", paramLabel = "VOLUME", description = "The volume.")
    private String name = "";

    @Parameters(index = "2", paramLabel = "FILE", description = "The file; it appears when it is whole.")
    private Path file = Path.of("");

    @Option(names = "--overwrite", description = "Replace the file where it exists.")
    private boolean isOverwritten;

    @Option(names = "--force", description = "Also while a domain writes to the volume.")
    private boolean isForced;

    @Override
    public ExitCode run(CommandContext context) throws Exception {
        try (Host host = Host.open(context.options().connect())) {
            VolumeSummary volume = VolumeTransfer.checkDownload(host, pool, name, file, isOverwritten, isForced);
            long expected = "raw".equals(volume.format()) || volume.format() == null
                    ? volume.capacityBytes()
                    : volume.allocationBytes();
            try (Progress progress = context.progress("download " + name, expected)) {
                VolumeTransfer.download(host, pool, name, file, context.cancellation(), progress::setDone);
            }
            context.print(
                    Answer.one("volume", volume, name).lines(List.of("Volume '" + name + "' is copied to " + file)));
        }
        return ExitCode.DONE;
    }

    @Override
    public List<Example> examples() {
        return List.of(
                new Example("jvirt volume download default web.qcow2 ./web.qcow2", "an image out of a pool"),
                new Example("jvirt volume download default web.qcow2 ./web.qcow2 --overwrite", "over the last copy"));
    }
}
