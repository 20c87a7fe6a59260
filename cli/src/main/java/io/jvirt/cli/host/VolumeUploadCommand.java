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
import io.jvirt.domain.step.Steps;
import java.nio.file.Path;
import java.util.List;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

@Command(description = "Copy a file of this machine, byte for byte, into a new volume. Holes stay holes.")
public final class VolumeUploadCommand implements CliCommand {
    @Parameters(index = "0", paramLabel = "POOL", description = "The pool.")
    private String pool = "";

    @Parameters(index = "1", paramLabel = "VOLUME", description = "The new volume's name.")
    private String name = "";

    @Parameters(index = "2", paramLabel = "FILE", description = "The file: an image, an ISO.")
    private Path file = Path.of("");

    @Override
    public ExitCode run(CommandContext context) throws Exception {
        try (Host host = Host.open(context.options().connect())) {
            long length = VolumeTransfer.checkUpload(host, pool, name, file);
            VolumeSummary made;
            try (Progress progress = context.progress("upload " + name, length)) {
                made = VolumeTransfer.upload(
                        host, Steps.journal(), pool, name, file, context.cancellation(), progress::setDone);
            }
            context.print(Answer.one("volume", made, name)
                    .lines(List.of("Volume '" + name + "' is " + made.path()
                            + (made.format() == null ? "" : ", " + made.format()))));
        }
        return ExitCode.DONE;
    }

    @Override
    public List<Example> examples() {
        return List.of(
                new Example("jvirt volume upload default debian.iso ./debian-12.iso", "an installer's CD into a pool"),
                new Example(
                        "jvirt volume upload images web.qcow2 web.qcow2 -c qemu+ssh://root@hostb/system",
                        "to another host's pool"));
    }
}
