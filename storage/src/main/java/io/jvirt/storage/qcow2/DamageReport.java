// SPDX-License-Identifier: Apache-2.0
package io.jvirt.storage.qcow2;

import io.jvirt.storage.CorruptImageException;
import io.jvirt.storage.qcow2.format.Features;
import io.jvirt.storage.qcow2.format.Header;
import java.io.IOException;

/** What is done about tables that are found damaged: the image is marked, and the message says where. */
final class DamageReport {
    private final Tables tables;

    DamageReport(Tables tables) {
        this.tables = tables;
    }

    /**
     * Marks a writable image as corrupt, so that nobody else writes to it before it is repaired, and says so as QEMU does.
     */
    CorruptImageException marked(CorruptImageException found) {
        if (tables.file.isReadOnly()) {
            return found.asEvent("qcow2: Image is corrupt: " + found.getMessage()
                    + "; further non-fatal corruption events will be suppressed");
        }
        Header header = tables.header();
        if (header.version() >= 3 && !header.features().isCorrupt()) {
            try {
                tables.writeHeader(header.withFeatures(header.features().withIncompatible(Features.CORRUPT, true)));
            } catch (IOException e) {
                found.addSuppressed(e);
            }
        }
        return found.asEvent("qcow2: Marking image as corrupt: " + found.getMessage()
                + "; further corruption events will be suppressed");
    }

    /** Numbers in events: 0, else 0x and the digits. */
    static String hex(long value) {
        return value == 0 ? "0" : "0x" + Long.toHexString(value);
    }

    /** Refuses an L2 table that lies where none can lie; {@code l1Index} of any L1 table names it. */
    void checkL2Place(long l2Offset, int l1Index) throws IOException {
        boolean aligned = tables.geometry.offsetInCluster(l2Offset) == 0;
        if (aligned && l2Offset < tables.file.sizeBytes()) {
            return;
        }
        CorruptImageException found = new CorruptImageException(
                "L2 table offset " + hex(l2Offset) + (aligned ? " invalid" : " unaligned") + " (L1 index: "
                        + hex(l1Index) + ")",
                tables.file.name(),
                "L1 entry " + l1Index,
                l2Offset,
                "an aligned offset within the file",
                hex(l2Offset));
        // Behind the end of the file QEMU reads zeros, and does not speak of it.
        throw aligned ? found : marked(found);
    }

    /** For an entry, {@code position} bytes into its L2 table, that names a cluster between two clusters. */
    CorruptImageException unalignedCluster(long hostOffset, long l2Offset, int position) {
        int index = position / tables.geometry.l2EntryBytes();
        return marked(new CorruptImageException(
                "Cluster allocation offset " + hex(hostOffset) + " unaligned (L2 offset: " + hex(l2Offset)
                        + ", L2 index: " + hex(index) + ")",
                tables.file.name(),
                "L2 entry " + index,
                l2Offset + position,
                "a multiple of " + tables.geometry.clusterBytes(),
                hex(hostOffset)));
    }
}
