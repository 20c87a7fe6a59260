// SPDX-License-Identifier: Apache-2.0
package io.jvirt.cli.vm;

import io.jvirt.cli.Answer;
import io.jvirt.cli.ByteText;
import io.jvirt.cli.CliCommand;
import io.jvirt.cli.CommandContext;
import io.jvirt.cli.ExitCode;
import io.jvirt.domain.image.CachedImage;
import io.jvirt.domain.image.ImageCache;
import java.util.ArrayList;
import java.util.List;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

@Command
public final class ImageRmCommand implements CliCommand {
    @Parameters(arity = "1..*", paramLabel = "IMAGE", description = "Its URL, id or path.")
    private List<String> images = new ArrayList<>();

    @Override
    public ExitCode run(CommandContext context) throws Exception {
        ImageCache cache = new ImageCache(ImageCache.directory(context.environment()));
        List<CachedImage> removed = new ArrayList<>();
        for (String image : images) {
            removed.add(cache.remove(image));
        }
        context.print(Answer.list("images", removed, CachedImage::id).lines(lines(removed)));
        return ExitCode.DONE;
    }

    static List<String> lines(List<CachedImage> removed) {
        return removed.stream()
                .map(image -> "Image " + image.id() + " is removed from the cache, " + ByteText.of(image.bytes())
                        + (image.url() == null ? "" : ": " + image.url()))
                .toList();
    }

    @Override
    public List<Example> examples() {
        return List.of(
                new Example(
                        "jvirt image rm https://cloud.example.org/debian-12.qcow2",
                        "remove a fetched image; machines made of it keep their copies"),
                new Example("jvirt image rm 3f1c0d5e9a7b2c48", "the same by its id of image list"));
    }
}
