// SPDX-License-Identifier: Apache-2.0
package io.jvirt.cli.vm;

import io.jvirt.domain.JvirtException;
import io.jvirt.domain.transfer.Compression;
import io.jvirt.domain.transfer.Route;
import io.jvirt.storage.ImageFormat;
import java.util.Locale;

/** The values of {@code --transport}, {@code --compress} and {@code --format}. */
public final class RouteOptions {
    private RouteOptions() {}

    public static Route route(String transport, String compress) {
        Route.Way way = switch (transport.toLowerCase(Locale.ROOT)) {
            case "auto" -> Route.Way.AUTO;
            case "ssh" -> Route.Way.SSH;
            case "libvirt" -> Route.Way.LIBVIRT;
            default -> throw unknown("--transport", transport, "auto, ssh or libvirt");
        };
        Compression compression = switch (compress.toLowerCase(Locale.ROOT)) {
            case "auto" -> Compression.AUTO;
            case "zstd" -> Compression.ZSTD;
            case "none" -> Compression.NONE;
            default -> throw unknown("--compress", compress, "auto, zstd or none");
        };
        if (compression == Compression.ZSTD && way == Route.Way.LIBVIRT) {
            throw JvirtException.usage(
                    "libvirt does not compress what it carries", "--compress zstd goes with --transport ssh");
        }
        return new Route(way, compression);
    }

    public static ImageFormat format(String name) {
        return switch (name.toLowerCase(Locale.ROOT)) {
            case "qcow2" -> ImageFormat.QCOW2;
            case "raw" -> ImageFormat.RAW;
            default -> throw unknown("--format", name, "qcow2 or raw");
        };
    }

    private static JvirtException unknown(String option, String value, String known) {
        return JvirtException.usage("unknown " + option + " '" + value + "'", "it takes " + known);
    }
}
