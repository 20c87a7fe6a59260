// SPDX-License-Identifier: Apache-2.0
package io.jvirt.cli.disk;

import io.jvirt.storage.DiskImage;
import io.jvirt.storage.Extent;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;

/** Replaces zero clusters, which version 2 does not know: data clusters of zeros. */
final class ZeroClusters {
    private static final int WRITE_BYTES = 1 << 20;

    private ZeroClusters() {}

    static void makeData(DiskImage image) throws IOException {
        List<Extent> zeros = new ArrayList<>();
        image.map(0, image.sizeBytes(), extent -> {
            if (extent.kind() == Extent.Kind.ZERO && extent.depth() == 0) {
                zeros.add(extent);
            }
        });
        ByteBuffer data = ByteBuffer.allocateDirect(WRITE_BYTES);
        for (Extent extent : zeros) {
            for (long at = extent.guestOffset(); at < extent.endOffset(); at += data.limit()) {
                data.clear().limit((int) Math.min(WRITE_BYTES, extent.endOffset() - at));
                image.write(at, data);
            }
        }
        image.flush();
    }
}
