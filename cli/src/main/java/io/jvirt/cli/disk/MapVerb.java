// SPDX-License-Identifier: Apache-2.0
package io.jvirt.cli.disk;

import io.jvirt.storage.DiskImage;
import io.jvirt.storage.Extent;
import io.jvirt.storage.qcow2.Qcow2Image;
import io.jvirt.storage.raw.RawImage;
import java.io.IOException;
import org.jspecify.annotations.Nullable;

/** {@code map}: where the data of an image and its chain lies. Extents are printed as they come. */
final class MapVerb extends Verb {
    /** One line of the map: neighbours with the same marks are one. */
    private record Entry(
            long start,
            long length,
            int depth,
            boolean present,
            boolean zero,
            boolean data,
            long offset,
            @Nullable String file) {

        static Entry of(Extent extent) {
            boolean absent = extent.kind() == Extent.Kind.ABSENT;
            boolean zero = extent.kind().readsAsZero() && extent.kind() != Extent.Kind.SPARSE;
            boolean data = !absent && (!zero || extent.kind() == Extent.Kind.HOLE);
            return new Entry(
                    extent.guestOffset(),
                    extent.lengthBytes(),
                    extent.depth(),
                    !absent && extent.kind() != Extent.Kind.UNALLOCATED,
                    zero,
                    data,
                    extent.hostOffset(),
                    extent.hostOffset() < 0 ? null : extent.file());
        }

        boolean continues(Entry before) {
            return before.length > 0
                    && before.zero == zero
                    && before.data == data
                    && before.depth == depth
                    && before.present == present
                    && (before.file == null ? file == null : before.file.equals(file))
                    && (before.offset < 0 ? offset < 0 : before.offset + before.length == offset);
        }

        Entry joined(Entry next) {
            return new Entry(start, length + next.length, depth, present, zero, data, offset, file);
        }
    }

    private static final int PLOT = LONG + 10;

    private boolean json;
    private boolean direct;
    private @Nullable Entry last;
    private boolean stopped;

    @Override
    int run(String[] args) throws IOException {
        String format = null;
        String output = null;
        boolean imageOpts = false;
        boolean shared = false;
        String plot = null;
        long start = 0;
        long maxLength = -1;
        GetOpt options = new GetOpt(
                args,
                "f:s:l:hU",
                HELP_OPTION,
                GetOpt.valued("format", 'f'),
                OUTPUT_OPTION,
                OBJECT_OPTION,
                IMAGE_OPTS_OPTION,
                SHARE_OPTION,
                GetOpt.valued("start-offset", 's'),
                GetOpt.valued("max-length", 'l'),
                GetOpt.valued("plot", PLOT));
        for (int option = next(options); option != GetOpt.END; option = next(options)) {
            switch (option) {
                case 'f' -> format = options.argument();
                case 'U' -> shared = true;
                case 's' -> start = Sizes.option(console(), "start offset", options.argument());
                case 'l' -> maxLength = Sizes.option(console(), "max length", options.argument());
                case PLOT -> plot = options.argument();
                case OUTPUT -> output = options.argument();
                default -> imageOpts = true;
            }
        }
        String file = fileOperand(options);
        json = wantsJson(output);
        if (plot != null) {
            AllocationPlot.checkTarget(console(), plot);
            if (json || start != 0 || maxLength != -1) {
                throw console().fail("--plot draws the whole disk, and does not go with --output json, -s or -l");
            }
        }
        Images images = new Images(console(), secrets());
        images.allowBeside(file);
        ImageName name = images.name(file, format, imageOpts);
        direct = name.isDirect();
        try (DiskImage image = images.open(name, Images.Access.read(shared))) {
            if (plot != null) {
                new AllocationPlot(console(), file, image).draw(plot);
                return 0;
            }
            console().print(json ? "[" : "Offset          Length          Mapped to       File\n");
            long end = image.sizeBytes();
            if (maxLength != -1 && maxLength < end - start) {
                end = start + maxLength;
            }
            // The walk refuses tables that are named twice, so that an entry of a table is one line at most (a line for
            // each
            // subcluster): a million extents are as legitimate as their image.
            console().allowAnswerOfAnyLength();
            return print(image, start, end);
        }
    }

    private int print(DiskImage image, long start, long end) {
        if (start < end) {
            try {
                image.map(start, end - start, extent -> addUpToFileEnd(image, extent));
            } catch (IOException e) {
                if (!stopped) {
                    throw console().failed("Could not read file metadata: ", e);
                }
                return 1;
            }
        }
        Entry entry = last == null ? new Entry(start, 0, 0, false, false, false, -1, null) : last;
        boolean good = dump(entry, false);
        if (json) {
            console().print("]\n");
        }
        return good ? 0 : 1;
    }

    /** A disk has whole sectors: what the last one has behind the end of a raw file is no data. */
    private void addUpToFileEnd(DiskImage image, Extent extent) throws IOException {
        long fileEnd = direct ? Long.MAX_VALUE : rawFileEnd(image, extent.depth());
        if (extent.kind() != Extent.Kind.DATA || extent.guestOffset() >= fileEnd || extent.endOffset() <= fileEnd) {
            add(extent);
            return;
        }
        long data = fileEnd - extent.guestOffset();
        int depth = extent.depth();
        add(new Extent(extent.guestOffset(), data, Extent.Kind.DATA, depth, extent.hostOffset(), extent.file()));
        add(new Extent(fileEnd, extent.lengthBytes() - data, Extent.Kind.ZERO, depth, fileEnd, extent.file()));
    }

    /** Where the file of the image so deep in the chain ends, if that is a raw one. */
    private static long rawFileEnd(DiskImage image, int depth) throws IOException {
        DiskImage below = image;
        for (int i = 0; i < depth && below instanceof Qcow2Image qcow2; i++) {
            below = qcow2.backing();
        }
        return below instanceof RawImage raw ? raw.store().sizeBytes() : Long.MAX_VALUE;
    }

    private void add(Extent extent) throws IOException {
        Entry entry = Entry.of(extent);
        if (last == null) {
            last = entry;
        } else if (entry.continues(last)) {
            last = last.joined(entry);
        } else {
            if (!dump(last, true)) {
                stopped = true;
                throw new IOException("stopped");
            }
            last = entry;
        }
    }

    private boolean dump(Entry entry, boolean more) {
        if (json) {
            console()
                    .print("{ \"start\": " + entry.start + ", \"length\": " + entry.length + ", \"depth\": "
                            + entry.depth + ", \"present\": " + entry.present + ", \"zero\": " + entry.zero
                            + ", \"data\": "
                            + entry.data + (entry.offset < 0 ? "" : ", \"offset\": " + entry.offset)
                            + (more ? "},\n" : "}"));
            return true;
        }
        if (entry.data && entry.offset < 0) {
            console().error("File contains external, encrypted or compressed clusters.");
            return false;
        }
        if (entry.data && !entry.zero) {
            console()
                    .print(Numbers.left(Numbers.hex(entry.start), 16)
                            + Numbers.left(Numbers.hex(entry.length), 16)
                            + Numbers.left(Numbers.hex(entry.offset), 16)
                            + (entry.file == null ? "" : entry.file) + "\n");
        }
        return true;
    }
}
