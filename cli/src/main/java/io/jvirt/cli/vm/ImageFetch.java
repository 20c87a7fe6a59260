// SPDX-License-Identifier: Apache-2.0
package io.jvirt.cli.vm;

import io.jvirt.cli.CommandContext;
import io.jvirt.cli.Progress;
import io.jvirt.domain.image.ImageFile;
import io.jvirt.domain.image.ImageListener;
import io.jvirt.domain.image.ImageRequest;
import io.jvirt.domain.image.ImageSource;
import java.io.IOException;
import org.jspecify.annotations.Nullable;

/** Has an image fetched: a bar for each part of the work, and a line that says what the image was compared with. */
final class ImageFetch implements ImageListener, AutoCloseable {
    private final CommandContext context;
    private @Nullable Progress bar;
    private String shown = "";

    private ImageFetch(CommandContext context) {
        this.context = context;
    }

    static ImageFile of(CommandContext context, ImageRequest request) throws IOException {
        try (ImageFetch listener = new ImageFetch(context)) {
            ImageFile image = new ImageSource(context.environment(), listener, context.cancellation()).get(request);
            listener.note("image " + image.file().getFileName() + ": " + image.verification());
            return image;
        }
    }

    @Override
    public void progress(String job, long doneBytes, long totalBytes) {
        Progress current = bar;
        if (current == null || !shown.equals(job)) {
            close();
            shown = job;
            current = context.progress(job, Math.max(0, totalBytes));
            bar = current;
        }
        current.setDone(doneBytes);
    }

    @Override
    public void note(String line) {
        close();
        context.note(line);
    }

    @Override
    public void close() {
        if (bar != null) {
            bar.close();
            bar = null;
        }
    }
}
