// SPDX-License-Identifier: Apache-2.0
package io.jvirt.cli.disk;

import io.jvirt.storage.DiskImage;
import io.jvirt.storage.Extent;
import io.jvirt.storage.ImageDescription;
import java.io.IOException;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** {@code info --space}: why {@code ls} says one size and {@code du} another, and what compacting would give back. */
final class SpaceReport {
    private final Console console;
    private final Secrets secrets;
    private long dataBytes;
    private long compressedBytes;
    private long zeroBytes;
    private long extents;
    private long breaks;
    private long nextHostOffset = -1;

    SpaceReport(Console console, Secrets secrets) {
        this.console = console;
        this.secrets = secrets;
    }

    int run(String file, @Nullable String format, boolean imageOpts, boolean shared, boolean json) {
        Images images = new Images(console, secrets);
        images.allowBeside(file);
        ImageName name = images.name(file, format, imageOpts);
        try {
            ImageDescription image = images.describe(name, shared);
            try (DiskImage disk =
                    images.tryOpen(name, shared ? Images.Access.READ_UNBACKED_SHARED : Images.Access.READ_UNBACKED)) {
                disk.map(0, disk.sizeBytes(), this::count);
            }
            Map<String, Object> answer = answer(name, image);
            console.print(json ? QemuJson.pretty(answer) + "\n" : text(answer));
            return 0;
        } catch (IOException e) {
            throw console.failed("Could not open '" + file + "': ", e);
        }
    }

    private void count(Extent extent) {
        if (extent.depth() > 0) {
            return;
        }
        switch (extent.kind()) {
            case DATA -> {
                dataBytes += extent.lengthBytes();
                extents++;
                if (nextHostOffset != -1 && extent.hostOffset() != nextHostOffset) {
                    breaks++;
                }
                nextHostOffset = extent.hostOffset() + extent.lengthBytes();
            }
            case COMPRESSED -> compressedBytes += extent.lengthBytes();
            case ZERO, HOLE, SPARSE -> zeroBytes += extent.lengthBytes();
            case UNALLOCATED, ABSENT -> {}
        }
    }

    private Map<String, Object> answer(ImageName name, ImageDescription image) {
        Map<String, Object> answer = new LinkedHashMap<>();
        answer.put("filename", name.shown());
        answer.put("format", image.format().id());
        answer.put("virtual-size", image.virtualSizeBytes());
        answer.put("apparent-size", image.apparentSizeBytes());
        answer.put("actual-size", image.allocatedBytes());
        answer.put("data-bytes", dataBytes);
        answer.put("compressed-bytes", compressedBytes);
        answer.put("zero-bytes", zeroBytes);
        answer.put("data-extents", extents);
        answer.put("fragmentation-percent", extents < 2 ? 0 : 100 * breaks / (extents - 1));
        long gain = Math.max(0, image.allocatedBytes() - dataBytes - compressedBytes);
        answer.put("compact-gain-bytes", gain);
        return answer;
    }

    private static String text(Map<String, Object> answer) {
        return "image: " + answer.get("filename") + " (" + answer.get("format") + ")\n"
                + line("virtual size (what the guest sees)", answer, "virtual-size")
                + line("apparent size (ls -l)", answer, "apparent-size")
                + line("allocated size (du)", answer, "actual-size")
                + line("guest data stored", answer, "data-bytes")
                + line("guest data stored compressed", answer, "compressed-bytes")
                + line("zeros that cost no data", answer, "zero-bytes")
                + Numbers.left("fragmentation", 38) + answer.get("fragmentation-percent") + " % of "
                + answer.get("data-extents") + " extents\n"
                + line("compact could give back about", answer, "compact-gain-bytes");
    }

    private static String line(String label, Map<String, Object> answer, String key) {
        long bytes = ((Number) answer.getOrDefault(key, 0L)).longValue();
        return Numbers.left(label, 38) + Sizes.human(bytes) + " (" + bytes + " bytes)\n";
    }
}
