// SPDX-License-Identifier: Apache-2.0
package io.jvirt.cli.disk;

import io.jvirt.cli.vm.RouteOptions;
import io.jvirt.domain.Cancellation;
import io.jvirt.domain.JvirtException;
import io.jvirt.domain.SizeText;
import io.jvirt.domain.journal.Operation;
import io.jvirt.domain.journal.StepPlan;
import io.jvirt.domain.migrate.DiskCopy;
import io.jvirt.domain.migrate.TargetUri;
import io.jvirt.domain.step.Steps;
import io.jvirt.storage.ImageFormat;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** {@code copy SRC HOST:DST}: an image to another host, through its libvirt. The only verb that needs one. */
final class CopyVerb extends Verb {
    private static final int FLATTEN = LONG + 10;
    private static final int DELTA = LONG + 11;
    private static final int BANDWIDTH = LONG + 12;
    private static final int TRANSPORT = LONG + 13;
    private static final int COMPRESS = LONG + 14;

    @Override
    int run(String[] args) throws IOException {
        ImageFormat format = null;
        boolean flattens = false;
        boolean isDelta = false;
        boolean progress = false;
        String bandwidth = null;
        String output = null;
        String transport = "auto";
        String compress = "auto";
        GetOpt options = new GetOpt(
                args,
                "f:hO:p",
                HELP_OPTION,
                GetOpt.valued("format", 'f'),
                GetOpt.flag("flatten", FLATTEN),
                GetOpt.flag("delta", DELTA),
                GetOpt.valued("target-format", 'O'),
                GetOpt.valued("transport", TRANSPORT),
                GetOpt.valued("compress", COMPRESS),
                GetOpt.valued("bandwidth", BANDWIDTH));
        for (int option = next(options); option != GetOpt.END; option = next(options)) {
            switch (option) {
                case 'f' -> format = format(options.argument());
                case 'p' -> progress = true;
                case FLATTEN -> flattens = true;
                case DELTA -> isDelta = true;
                case 'O' -> output = options.argument();
                case TRANSPORT -> transport = options.argument();
                case COMPRESS -> compress = options.argument();
                default -> bandwidth = options.argument();
            }
        }
        if (options.operands().size() != 2) {
            throw console().usage("Expecting an image file name and HOST:PATH");
        }
        String to = options.operands().get(1);
        int colon = to.lastIndexOf(":/");
        if (colon <= 0 || to.startsWith("//", colon + 1)) {
            throw console().fail("'" + to + "' is not HOST:PATH", "such as kvm2:/var/lib/libvirt/images/");
        }
        try {
            DiskCopy.Request request = new DiskCopy.Request(
                    Path.of(options.operands().get(0)),
                    format,
                    TargetUri.of(to.substring(0, colon)),
                    to.substring(colon + 1),
                    flattens || output != null,
                    isDelta,
                    bandwidth == null ? 0 : SizeText.parse(bandwidth, "--bandwidth", 0),
                    output == null ? ImageFormat.RAW : RouteOptions.format(output),
                    RouteOptions.route(transport, compress));
            copy(request, progress);
        } catch (JvirtException e) {
            throw console().fail(String.valueOf(e.getMessage()), e.hint());
        }
        return 0;
    }

    private void copy(DiskCopy.Request request, boolean progress) throws IOException {
        ProgressLine line = progress ? new ProgressLine(console(), true, 1) : null;
        try {
            new DiskCopy(Steps.journal()).copy(request, new Cancellation(), new Operation.Listener() {
                @Override
                public void step(StepPlan plan, boolean undoing) {}

                @Override
                public void progress(StepPlan plan, long doneBytes, long totalBytes) {
                    // Sent is half of the way: it is read back as well.
                    if (line != null) {
                        boolean sending = plan.kind().equals("send");
                        line.done(sending ? doneBytes : totalBytes + doneBytes, 2 * totalBytes);
                    }
                }

                @Override
                public void report(String text) {
                    if (line != null) {
                        line.complete();
                        line.end();
                    }
                    console().println(text);
                }
            });
        } catch (IOException | JvirtException e) {
            throw e;
        } catch (Exception e) {
            throw new IOException(e.getMessage(), e);
        }
    }

    private @Nullable ImageFormat format(String name) {
        for (ImageFormat format : ImageFormat.values()) {
            if (format.id().equals(name.toLowerCase(Locale.ROOT))) {
                return format;
            }
        }
        throw console().fail("Unknown file format '" + name + "'");
    }
}
