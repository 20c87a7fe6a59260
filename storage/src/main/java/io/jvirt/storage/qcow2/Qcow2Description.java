// SPDX-License-Identifier: Apache-2.0
package io.jvirt.storage.qcow2;

import io.jvirt.storage.FileName;
import io.jvirt.storage.file.ByteStore;
import io.jvirt.storage.qcow2.format.BitmapEntry;
import io.jvirt.storage.qcow2.format.Header;
import io.jvirt.storage.qcow2.format.HeaderReader;
import io.jvirt.storage.qcow2.format.Snapshot;
import java.io.IOException;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What the metadata of a qcow2 image says.
 *
 * @param header all header fields and extensions, the backing file's name and format among them
 * @param fullBackingFile the backing file's name resolved against the image's directory, or null
 * @param snapshots the internal snapshots, in the table's order
 * @param bitmaps the persistent dirty bitmaps, in the directory's order
 */
public record Qcow2Description(
        Header header, @Nullable String fullBackingFile, List<Snapshot> snapshots, List<BitmapEntry> bitmaps) {

    /** Reads header, snapshot table and bitmap directory; opens nothing that they name. */
    public static Qcow2Description read(ByteStore store) throws IOException {
        Header header = HeaderReader.read(store);
        String backing = header.backingFile();
        return new Qcow2Description(
                header,
                backing == null ? null : FileName.full(store.name(), backing),
                Snapshot.readTable(store, header),
                BitmapEntry.readDirectory(store, header));
    }
}
