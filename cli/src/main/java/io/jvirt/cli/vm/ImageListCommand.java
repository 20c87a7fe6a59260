// SPDX-License-Identifier: Apache-2.0
package io.jvirt.cli.vm;

import io.jvirt.cli.Answer;
import io.jvirt.cli.ByteText;
import io.jvirt.cli.CliCommand;
import io.jvirt.cli.CommandContext;
import io.jvirt.cli.ExitCode;
import io.jvirt.domain.image.CachedImage;
import io.jvirt.domain.image.ImageCache;
import java.util.List;
import picocli.CommandLine.Command;

@Command
public final class ImageListCommand implements CliCommand {
    private static final int SHOWN_DIGITS = 12;

    @Override
    public ExitCode run(CommandContext context) throws Exception {
        List<CachedImage> images = new ImageCache(ImageCache.directory(context.environment())).list();
        context.print(Answer.list("images", images, CachedImage::id)
                .table(new String[] {"ID", "FETCHED", "SIZE", "SHA256", "CHECKED", "URL"}, image -> new String[] {
                    image.id(),
                    image.fetchedAt() == null ? "a part" : image.fetchedAt(),
                    ByteText.of(image.bytes()),
                    image.sha256() == null ? "-" : image.sha256().substring(0, SHOWN_DIGITS),
                    image.checkedAgainst() == null ? "no" : "yes",
                    image.url() == null ? "-" : image.url()
                }));
        return ExitCode.DONE;
    }

    @Override
    public List<Example> examples() {
        return List.of(
                new Example("jvirt image list", "what was fetched for create --image, and what it takes"),
                new Example("jvirt image list -o json", "the same for programs, with paths and whole checksums"));
    }
}
