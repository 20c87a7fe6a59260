// SPDX-License-Identifier: Apache-2.0
package io.jvirt.cli.disk;

import io.jvirt.storage.CorruptImageException;
import io.jvirt.storage.DiskImage;
import io.jvirt.storage.ImageDescription;
import io.jvirt.storage.StorageException;
import io.jvirt.storage.copy.SizeEstimate;
import io.jvirt.storage.crypto.LuksVolume;
import io.jvirt.storage.qcow2.format.ClusterGeometry;
import java.io.IOException;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** {@code measure}: how large a new image will be. */
final class MeasureVerb extends Verb {
    private static final int SIZE = LONG + 10;
    private static final long MAX_L1_BYTES = 32 << 20;

    private String targetFormat = "raw";
    private @Nullable String optionText;
    private @Nullable String format;
    private @Nullable SnapshotName snapshot;
    private boolean json;
    private boolean imageOpts;
    private boolean shared;
    private long sizeBytes = -1;

    @Override
    int run(String[] args) throws IOException {
        GetOpt options = new GetOpt(
                args,
                "hf:O:o:l:U",
                HELP_OPTION,
                IMAGE_OPTS_OPTION,
                OBJECT_OPTION,
                OUTPUT_OPTION,
                GetOpt.valued("size", SIZE),
                SHARE_OPTION);
        for (int option = options.next(); option != GetOpt.END; option = options.next()) {
            take(option, options);
        }
        List<String> operands = options.operands();
        if (operands.size() > 1) {
            throw console().fail("At most one filename argument is allowed.");
        }
        String file = operands.isEmpty() ? null : operands.get(0);
        if (file == null && (imageOpts || format != null || snapshot != null)) {
            throw console().fail("--image-opts, -f, and -l require a filename argument.");
        }
        if (file != null && sizeBytes != -1) {
            throw console().fail("--size N cannot be used together with a filename.");
        }
        if (file == null && sizeBytes == -1) {
            throw console().fail("Either --size N or one filename must be specified.");
        }
        Map<String, Object> answer = measure(file);
        if (json) {
            console().println(QemuJson.pretty(answer));
        } else {
            console().println("required size: " + unsigned(answer.get("required")));
            console().println("fully allocated size: " + unsigned(answer.get("fully-allocated")));
            if (answer.containsKey("bitmaps")) {
                console().println("bitmaps size: " + answer.get("bitmaps"));
            }
        }
        return 0;
    }

    /** As with qemu-img, JSON alone has a sign. */
    private static String unsigned(@Nullable Object bytes) {
        return bytes instanceof Long number ? Long.toUnsignedString(number) : String.valueOf(bytes);
    }

    private void take(int option, GetOpt options) throws IOException {
        switch (option) {
            case 'f' -> format = options.argument();
            case 'O' -> targetFormat = options.argument();
            case 'o' -> optionText = OptionList.append(console(), optionText, options.argument());
            case 'l' -> snapshot = SnapshotName.parse(console(), options.argument());
            case 'U' -> shared = true;
            case OBJECT -> secrets().add(console(), options.argument(), 1);
            case IMAGE_OPTS -> imageOpts = true;
            case OUTPUT -> json = wantsJson(options.argument());
            case SIZE -> sizeBytes = Sizes.option(console(), "image size", options.argument());
            case 'h' -> throw new VerbExit(Help.verb(console(), "measure"));
            default -> {
                // This verb alone leaves the message to the C library, and then shows the help as if asked.
                console().raw("measure: " + options.complaint() + "\n");
                throw new VerbExit(Help.verb(console(), "measure"));
            }
        }
    }

    private Map<String, Object> measure(@Nullable String file) throws IOException {
        if (file == null) {
            return answer(null, null);
        }
        Images images = new Images(console(), secrets());
        images.allowBeside(file);
        ImageName name = images.name(file, format, imageOpts);
        DiskImage opened = images.open(name, Images.Access.read(shared));
        try (DiskImage source = snapshot == null ? opened : snapshot.open(opened)) {
            ImageDescription description = images.describe(name, shared);
            return answer(source, description);
        }
    }

    private Map<String, Object> answer(@Nullable DiskImage source, @Nullable ImageDescription description)
            throws IOException {
        NewImage.checkFormat(console(), targetFormat, "");
        OptionSet options = new OptionSet(FormatOptions.create(targetFormat, "x"));
        if (optionText != null) {
            try {
                options.parse(optionText);
            } catch (StorageException e) {
                console().failed("", e);
                throw console().fail("Invalid options for file format '" + targetFormat + "'");
            }
        }
        if (sizeBytes != -1) {
            options.set("size", Long.toString(sizeBytes));
        }
        long size = source == null ? options.getSize("size", 0) : source.sizeBytes();
        Map<String, Object> answer = new LinkedHashMap<>();
        if (targetFormat.equals("qcow2")) {
            qcow2(answer, options, size, source, description);
        } else if (targetFormat.equals("luks")) {
            long all = luksHeaderBytes(options, "") + size;
            answer.put("required", all);
            answer.put("fully-allocated", all);
        } else {
            long rounded = (size + 511) & -512;
            answer.put("required", rounded);
            answer.put("fully-allocated", rounded);
        }
        return answer;
    }

    private void qcow2(
            Map<String, Object> answer,
            OptionSet options,
            long size,
            @Nullable DiskImage source,
            @Nullable ImageDescription description)
            throws IOException {
        ClusterGeometry geometry = geometry(options);
        String preallocation = options.get("preallocation");
        if (preallocation != null
                && !List.of("off", "metadata", "falloc", "full").contains(preallocation)) {
            throw console().fail("invalid parameter value: " + preallocation);
        }
        long luksBytes = "luks".equals(options.get("encrypt.format"))
                ? geometry.alignUp(luksHeaderBytes(options, "encrypt."))
                : 0;
        long virtualSize = geometry.alignUp(size);
        if (virtualSize < 0 || geometry.l1EntriesFor(virtualSize) * 8 > MAX_L1_BYTES) {
            throw console().fail("The image size is too large (try using a larger cluster size)");
        }
        SizeEstimate estimate = new SizeEstimate(geometry);
        long data = 0;
        if ("full".equals(preallocation) || "falloc".equals(preallocation)) {
            data = virtualSize;
        } else if (source != null) {
            data = options.get("backing_file") != null ? virtualSize : dataBytes(estimate, source);
        }
        long full = luksBytes + estimate.fullBytes(virtualSize);
        boolean version3 = !"0.10".equals(options.get("compat")) && !"v2".equals(options.get("compat"));
        if (version3 && description != null && description.qcow2() != null) {
            answer.put("bitmaps", estimate.bitmapBytes(description.qcow2().bitmaps(), size));
        }
        answer.put("required", full - virtualSize + data);
        answer.put("fully-allocated", full);
    }

    private long dataBytes(SizeEstimate estimate, DiskImage source) throws IOException {
        try {
            return estimate.dataBytes(source);
        } catch (CorruptImageException e) {
            throw console().failed("Unable to get block status: ", e);
        }
    }

    /** What comes before the data; as for a new volume, there must be a passphrase. */
    private long luksHeaderBytes(OptionSet options, String prefix) throws IOException {
        String key = options.get(prefix + "key-secret");
        if (key == null) {
            throw console().fail("Parameter '" + prefix + "key-secret' is required for cipher");
        }
        if (secrets().find(key) == null) {
            throw console().fail("No secret with id '" + key + "'");
        }
        return LuksVolume.headerBytes(NewImage.luksOptions(options, prefix));
    }

    private ClusterGeometry geometry(OptionSet options) throws StorageException {
        boolean extended = options.getBool("extended_l2");
        long cluster = options.getSize("cluster_size", 65536);
        if (Long.bitCount(cluster) != 1 || cluster < 512 || cluster > 2 << 20) {
            throw console().fail("Cluster size must be a power of two between 512 and 2048k");
        }
        if (extended && cluster < 16384) {
            throw console().fail("Extended L2 entries are only supported with cluster sizes of at least 16384 bytes");
        }
        String compat = options.get("compat");
        if (compat != null && !List.of("0.10", "v2", "1.1", "v3").contains(compat)) {
            throw console().fail("Invalid compatibility level: '" + compat + "'");
        }
        long refcountBits = options.getNumber("refcount_bits", 16);
        if (Long.bitCount(refcountBits) != 1 || refcountBits > 64 || refcountBits < 1) {
            throw console().fail("Refcount width must be a power of two and may not exceed 64 bits");
        }
        if (compat != null && (compat.equals("0.10") || compat.equals("v2")) && refcountBits != 16) {
            throw console()
                    .fail("Different refcount widths than 16 bits require compatibility level 1.1 or above "
                            + "(use compat=1.1 or greater)");
        }
        return new ClusterGeometry(
                Long.numberOfTrailingZeros(cluster), Long.numberOfTrailingZeros(refcountBits), extended);
    }
}
