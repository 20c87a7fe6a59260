// SPDX-License-Identifier: Apache-2.0
package io.jvirt.cli.vm;

import io.jvirt.cli.Answer;
import io.jvirt.cli.CliCommand;
import io.jvirt.cli.CommandContext;
import io.jvirt.cli.DurationText;
import io.jvirt.cli.ExitCode;
import io.jvirt.domain.image.CachedImage;
import io.jvirt.domain.image.ImageCache;
import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

@Command
public final class ImagePruneCommand implements CliCommand {
    @Option(
            names = "--older-than",
            paramLabel = "AGE",
            description = "Only those that were fetched longer ago: 30d, 12h. A bare number is in days.")
    private @Nullable String olderThan;

    @Option(
            names = {"-y", "--yes"},
            description = "Do not ask.")
    private boolean isYes;

    @Override
    public ExitCode run(CommandContext context) throws Exception {
        Duration age = olderThan == null ? null : age(olderThan);
        ImageCache cache = new ImageCache(ImageCache.directory(context.environment()));
        context.confirm(
                age == null
                        ? "Remove all fetched images from the cache?"
                        : "Remove the images that were fetched more than " + olderThan + " ago?",
                isYes);
        List<CachedImage> removed = cache.prune(age);
        List<String> lines = removed.isEmpty() ? List.of("Nothing to remove") : ImageRmCommand.lines(removed);
        context.print(Answer.list("images", removed, CachedImage::id).lines(lines));
        return ExitCode.DONE;
    }

    private static Duration age(String text) {
        return DurationText.parse("--older-than", text.matches("[0-9]+") ? text + "d" : text);
    }

    @Override
    public List<Example> examples() {
        return List.of(
                new Example("jvirt image prune", "remove all fetched images, after a question"),
                new Example("jvirt image prune --older-than 30d --yes", "those of more than a month ago, for cron"));
    }
}
