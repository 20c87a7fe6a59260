// SPDX-License-Identifier: Apache-2.0
package io.jvirt.cli.disk;

import io.jvirt.storage.DiskImage;
import io.jvirt.storage.ImageDescription;
import io.jvirt.storage.ImageFormat;
import io.jvirt.storage.crypto.LuksHeader;
import io.jvirt.storage.file.ByteStore;
import io.jvirt.storage.file.HostFile;
import io.jvirt.storage.file.LockTable;
import io.jvirt.storage.qcow2.Qcow2Encryption;
import io.jvirt.storage.qcow2.format.Header;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.InvalidPathException;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** {@code info}: what an image is. */
final class InfoVerb extends Verb {
    private static final int BACKING_CHAIN = LONG + 10;
    private static final int SPACE = LONG + 11;
    private static final int PLOT = LONG + 12;

    @Override
    int run(String[] args) throws IOException {
        LockTable.readAhead();
        String format = null;
        String output = null;
        boolean chain = false;
        boolean imageOpts = false;
        boolean shared = false;
        boolean space = false;
        boolean plot = false;
        GetOpt options = new GetOpt(
                args,
                "f:hU",
                HELP_OPTION,
                GetOpt.valued("format", 'f'),
                OUTPUT_OPTION,
                GetOpt.flag("backing-chain", BACKING_CHAIN),
                OBJECT_OPTION,
                IMAGE_OPTS_OPTION,
                SHARE_OPTION,
                GetOpt.flag("space", SPACE),
                GetOpt.flag("plot", PLOT));
        for (int option = next(options); option != GetOpt.END; option = next(options)) {
            switch (option) {
                case 'f' -> format = options.argument();
                case 'U' -> shared = true;
                case OUTPUT -> output = options.argument();
                case BACKING_CHAIN -> chain = true;
                case SPACE -> space = true;
                case PLOT -> plot = true;
                default -> imageOpts = true;
            }
        }
        // 'info --plot IMAGE' draws on the terminal: only a second name makes the first one the file to draw into.
        boolean plotFile = plot && options.operands().size() == 2;
        String file = plotFile ? options.operands().get(1) : fileOperand(options);
        boolean json = wantsJson(output);
        if (plot && (json || chain || space)) {
            throw console().fail("--plot does not go with --output json, --backing-chain or --space");
        }
        if (plot) {
            String target = plotFile ? options.operands().get(0) : "terminal";
            AllocationPlot.checkTarget(console(), target);
            Images images = new Images(console(), secrets());
            images.allowBeside(file);
            try (DiskImage image = images.open(file, format, imageOpts, Images.Access.read(shared))) {
                new AllocationPlot(console(), file, image).draw(target);
            }
            return 0;
        }
        if (space) {
            return new SpaceReport(console(), secrets()).run(file, format, imageOpts, shared, json);
        }
        List<Map<String, Object>> answers = collect(file, format, imageOpts, shared, chain);
        for (Map<String, Object> answer : answers) {
            if (answer.get("snapshots") instanceof List<?> snapshots) {
                console().allowSnapshots(snapshots.size());
            }
        }
        if (json) {
            console().println(QemuJson.pretty(chain ? answers : answers.get(0)));
        } else {
            String separator = "";
            for (Map<String, Object> answer : answers) {
                console().print(separator + InfoText.of(answer));
                separator = "\n";
            }
            if (!console().isDropIn() && "raw".equals(answers.get(0).get("format"))) {
                tellLuks2(String.valueOf(answers.get(0).get("filename")));
            }
        }
        return 0;
    }

    /** LUKS2 is raw data for QEMU, and so for qemu-img; who asks what a file is wants to know nevertheless. */
    private void tellLuks2(String file) {
        ByteBuffer start = ByteBuffer.allocate(LuksHeader.START_BYTES);
        try (ByteStore store = HostFile.open(NewImage.path(file), true)) {
            store.readUpTo(0, start);
        } catch (IOException | InvalidPathException e) {
            // No file of this host: what was asked is answered without it.
            return;
        }
        if (LuksHeader.isLuks2(start.flip())) {
            console()
                    .raw("'" + file
                            + "' holds a LUKS2 volume, which is raw data for QEMU: 'amend --image-opts driver=luks,…' changes its"
                            + " key slots, cryptsetup opens it.\n");
        }
    }

    private List<Map<String, Object>> collect(
            String file, @Nullable String format, boolean imageOpts, boolean shared, boolean chain) {
        Images images = new Images(console(), secrets());
        images.allowBeside(file);
        List<Map<String, Object>> answers = new ArrayList<>();
        Set<String> seen = new HashSet<>();
        String next = file;
        String nextFormat = format;
        boolean nextOpts = imageOpts;
        while (next != null) {
            if (!seen.add(next)) {
                throw console().fail("Backing file '" + next + "' creates an infinite loop.");
            }
            Map<String, Object> answer = describe(images, images.name(next, nextFormat, nextOpts), shared);
            answers.add(answer);
            next = chain ? (String) answer.get("full-backing-filename") : null;
            nextFormat = (String) answer.get("backing-filename-format");
            nextOpts = false;
        }
        return answers;
    }

    private Map<String, Object> describe(Images images, ImageName name, boolean shared) {
        try {
            images.checkSharing(name, shared);
            ImageDescription image = images.describe(name, shared);
            LuksHeader luks = null;
            if (image.format() == ImageFormat.LUKS) {
                luks = images.luksHeader(name, shared);
            } else if (image.qcow2() != null && image.qcow2().header().cryptMethod() == Header.CRYPT_LUKS) {
                try (ByteStore file =
                        name.nbd() ? NbdImages.store(name, secrets(), true) : HostFile.open(image.file(), true)) {
                    luks = Qcow2Encryption.volume(file, image.qcow2().header()).header();
                }
            }
            return ImageInfo.tree(name, image, luks);
        } catch (IOException e) {
            throw console().failed("Could not open '" + name.typed() + "': ", e);
        }
    }
}
