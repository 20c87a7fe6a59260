// SPDX-License-Identifier: Apache-2.0
package io.jvirt.cli.vm;

import io.jvirt.cli.Answer;
import io.jvirt.cli.CliCommand;
import io.jvirt.cli.CommandContext;
import io.jvirt.cli.ExitCode;
import io.jvirt.domain.JvirtException;
import io.jvirt.domain.image.CachedImage;
import io.jvirt.domain.image.ImageCache;
import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

@Command
public final class ImagePruneCommand implements CliCommand {
    @Option(names = "--older-than", paramLabel = "DAYS", description = "Only those that were fetched so many days ago.")
    private @Nullable Integer days;

    @Option(
            names = {"-y", "--yes"},
            description = "Do not ask.")
    private boolean isYes;

    @Override
    public ExitCode run(CommandContext context) throws Exception {
        if (days != null && days < 0) {
            throw JvirtException.usage("--older-than cannot be " + days, "give a number of days");
        }
        ImageCache cache = new ImageCache(ImageCache.directory(context.environment()));
        context.confirm(
                days == null
                        ? "Remove all fetched images from the cache?"
                        : "Remove the images that were fetched more than " + days + " days ago?",
                isYes);
        List<CachedImage> removed = cache.prune(days == null ? null : Duration.ofDays(days));
        List<String> lines = removed.isEmpty() ? List.of("Nothing to remove") : ImageRmCommand.lines(removed);
        context.print(Answer.list("images", removed, CachedImage::id).lines(lines));
        return ExitCode.DONE;
    }

    @Override
    public List<Example> examples() {
        return List.of(
                new Example("jvirt image prune", "remove all fetched images, after a question"),
                new Example("jvirt image prune --older-than 30 --yes", "those of more than a month ago, for cron"));
    }
}
