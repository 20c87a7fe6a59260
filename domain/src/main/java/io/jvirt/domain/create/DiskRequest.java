// SPDX-License-Identifier: Apache-2.0
package io.jvirt.domain.create;

import io.jvirt.domain.JvirtException;
import io.jvirt.domain.SizeText;
import io.jvirt.storage.ImageFormat;
import io.jvirt.storage.Preallocation;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * One {@code --disk}.
 *
 * @param sizeBytes null where it is the image's that it starts from
 * @param format null for the request's
 * @param pool null for the request's
 * @param path where the new file goes, instead of into a pool
 * @param bus null for virtio
 * @param cache QEMU's cache mode; null for its default
 * @param preallocation null for off
 * @param base an image that the disk lies on top of, or null
 */
public record DiskRequest(
        @Nullable Long sizeBytes,
        @Nullable ImageFormat format,
        @Nullable String pool,
        @Nullable String path,
        @Nullable String bus,
        @Nullable String cache,
        @Nullable Preallocation preallocation,
        @Nullable Path base) {

    private static final List<String> KEYS =
            List.of("size", "format", "pool", "path", "bus", "cache", "preallocation", "backing_store");
    public static final List<String> BUSES = List.of("virtio", "scsi", "sata", "ide", "usb");
    public static final List<String> CACHES =
            List.of("default", "none", "writeback", "writethrough", "directsync", "unsafe");
    private static final long GIB = 1L << 30;

    /** Reads {@code SIZE[,format=…][,pool=…]…}; {@code size=10} is in GiB as virt-install has it. */
    public static DiskRequest parse(String text) {
        Suboptions parts = Suboptions.parse("--disk", text, KEYS);
        String first = parts.first();
        String size = parts.get("size");
        if (first != null && size != null) {
            throw JvirtException.usage("--disk '" + text + "' gives two sizes", "write --disk " + first);
        }
        Long bytes = null;
        if (first != null) {
            bytes = SizeText.parse(first, "the disk's size", 0);
        } else if (size != null) {
            bytes = SizeText.parse(size, "the disk's size", GIB);
        }
        if (parts.get("pool") != null && parts.get("path") != null) {
            throw JvirtException.usage("--disk '" + text + "' gives both a pool and a path", "leave one of them out");
        }
        String format = parts.get("format");
        String preallocation = parts.get("preallocation");
        String base = parts.get("backing_store");
        return new DiskRequest(
                bytes,
                format == null ? null : format(format),
                parts.get("pool"),
                parts.get("path"),
                parts.oneOf("bus", BUSES),
                parts.oneOf("cache", CACHES),
                preallocation == null ? null : preallocation(preallocation),
                base == null ? null : Path.of(base).toAbsolutePath().normalize());
    }

    /** What this one does not say is as another has it. */
    public DiskRequest over(DiskRequest other) {
        boolean placed = pool != null || path != null;
        return new DiskRequest(
                sizeBytes == null ? other.sizeBytes : sizeBytes,
                format == null ? other.format : format,
                placed ? pool : other.pool,
                placed ? path : other.path,
                bus == null ? other.bus : bus,
                cache == null ? other.cache : cache,
                preallocation == null ? other.preallocation : preallocation,
                base == null ? other.base : base);
    }

    /** Without what a request says for all its disks: null and false for what it does not say. */
    public DiskRequest without(@Nullable String formatOfAll, boolean placeOfAll, @Nullable String preallocationOfAll) {
        return new DiskRequest(
                sizeBytes,
                formatOfAll == null ? format : null,
                placeOfAll ? null : pool,
                placeOfAll ? null : path,
                bus,
                cache,
                preallocationOfAll == null ? preallocation : null,
                base);
    }

    public static ImageFormat format(String text) {
        return switch (text) {
            case "qcow2" -> ImageFormat.QCOW2;
            case "raw" -> ImageFormat.RAW;
            default ->
                throw JvirtException.usage("a disk's format cannot be '" + text + "'", "it is one of qcow2, raw");
        };
    }

    public static Preallocation preallocation(String text) {
        for (Preallocation p : Preallocation.values()) {
            if (p.id().equals(text)) {
                return p;
            }
        }
        throw JvirtException.usage(
                "preallocation cannot be '" + text.toLowerCase(Locale.ROOT) + "'",
                "it is one of off, metadata, falloc, full");
    }
}
