// SPDX-License-Identifier: Apache-2.0
package io.jvirt.cli.vm;

import io.jvirt.cli.Answer;
import io.jvirt.cli.CliCommand;
import io.jvirt.cli.CommandContext;
import io.jvirt.cli.ExitCode;
import io.jvirt.domain.SizeText;
import io.jvirt.domain.image.ImageFile;
import io.jvirt.domain.image.ImageRequest;
import io.jvirt.domain.image.WholeImage;
import io.jvirt.storage.ImageDescription;
import java.util.List;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

@Command
public final class ImagePullCommand implements CliCommand {
    @Parameters(paramLabel = "URL", description = "The image's URL of http, https or file.")
    private String url = "";

    @Option(
            names = "--checksum",
            paramLabel = "sha256:HEX|none",
            description = "What its checksum must be, or none for no comparison. Default: that of a list beside it.")
    private @Nullable String checksum;

    @Option(names = "--checksum-file", paramLabel = "FILE|URL", description = "The list that has its checksum.")
    private @Nullable String checksumFile;

    /** What {@code -o json} answers. */
    public record Pulled(String url, String path, String format, long sizeBytes, String verification) {}

    @Override
    public ExitCode run(CommandContext context) throws Exception {
        ImageFile image = ImageFetch.of(context, new ImageRequest(url, checksum, checksumFile));
        ImageDescription found = WholeImage.describe(image.file());
        Pulled pulled = new Pulled(
                url, image.file().toString(), found.format().id(), found.virtualSizeBytes(), image.verification());
        context.print(Answer.one("image", pulled, pulled.path())
                .lines(List.of(
                        pulled.path() + "  " + pulled.format() + "  " + SizeText.of(pulled.sizeBytes()),
                        "Next:",
                        "  jvirt create NAME --image " + url + " --disk 20G")));
        return ExitCode.DONE;
    }

    @Override
    public List<Example> examples() {
        return List.of(
                new Example(
                        "jvirt image pull https://cloud.example.org/debian-12.qcow2",
                        "fetch an image into the cache, or go on where it was cut off"),
                new Example(
                        "jvirt image pull https://cloud.example.org/f.qcow2 --checksum-file Fedora.CHECKSUM",
                        "compared with a list that you have from elsewhere"),
                new Example("jvirt image pull https://cloud.example.org/test.img --checksum none", "with nothing"));
    }
}
