// SPDX-License-Identifier: Apache-2.0
package io.jvirt.domain.migrate;

import io.jvirt.domain.transfer.Route;
import io.jvirt.domain.transfer.wire.WireUnavailableException;
import io.jvirt.domain.transfer.wire.Wires;
import io.jvirt.storage.ImageFormat;
import java.io.IOException;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Whether a disk is made anew on the target, of what the guest sees, and in which format. */
final class Conversion {
    private Conversion() {}

    static boolean isAsked(Move move, List<SourceImage> chain) {
        MigrateRequest request = move.request();
        ImageFormat format = chain.get(0).format();
        boolean isFlattened = request.chain() == MigrateRequest.Chain.FLATTEN && chain.size() > 1;
        boolean isChanged = request.format() != null && request.format() != format;
        return isFlattened || isChanged || (request.isCompacted() && format == ImageFormat.QCOW2);
    }

    /** The format; null where it stays as it is, or where there is a blocker. */
    static @Nullable ImageFormat of(Move move, List<SourceImage> chain, String disk, Findings findings)
            throws IOException {
        MigrateRequest request = move.request();
        if (!isAsked(move, chain)) {
            return null;
        }
        if (chain.size() > 1 && request.chain() != MigrateRequest.Chain.FLATTEN) {
            findings.blocker(
                    "disk",
                    disk + ": " + chain.get(0).path()
                            + " has a backing chain, which --format and --compact make one image of",
                    "say so: --chain flatten");
            return null;
        }
        ImageFormat asked = request.format();
        ImageFormat stored =
                asked != null ? asked : request.isCompacted() ? chain.get(0).format() : ImageFormat.RAW;
        String obstacle = stored == ImageFormat.RAW ? null : obstacle(request);
        if (obstacle != null) {
            findings.blocker(
                    "transport",
                    disk + " can become " + stored.id() + " only where jvirt is on the target too: " + obstacle,
                    "install jvirt there, or leave --format " + stored.id() + " and --compact out");
            return null;
        }
        return stored;
    }

    private static @Nullable String obstacle(MigrateRequest request) throws IOException {
        if (request.route().way() == Route.Way.LIBVIRT) {
            return "libvirt carries bytes as they are (--transport libvirt)";
        }
        try {
            Wires.session(request.targetUri());
            return null;
        } catch (WireUnavailableException e) {
            return e.getMessage();
        }
    }

    /** A name that does not promise another format. */
    static String nameOf(String fileName, ImageFormat stored) {
        int dot = fileName.lastIndexOf('.');
        String suffix = dot > 0 ? fileName.substring(dot + 1) : "";
        boolean isFormat = suffix.equals("raw") || suffix.equals("img") || suffix.equals("qcow2");
        return (isFormat ? fileName.substring(0, dot) : fileName) + "." + stored.id();
    }
}
