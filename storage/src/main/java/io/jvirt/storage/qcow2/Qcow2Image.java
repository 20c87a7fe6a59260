// SPDX-License-Identifier: Apache-2.0
package io.jvirt.storage.qcow2;

import io.jvirt.storage.DiskImage;
import io.jvirt.storage.StorageException;
import io.jvirt.storage.file.ByteStore;
import io.jvirt.storage.qcow2.format.Header;
import java.io.IOException;
import org.jspecify.annotations.Nullable;

/** An open qcow2 image. */
public final class Qcow2Image {
    private Qcow2Image() {}

    public static DiskImage open(
            ByteStore file, Header header, @Nullable ByteStore dataFile, @Nullable DiskImage backing, int depth)
            throws IOException {
        throw new StorageException("'" + file.name() + "': reading qcow2 is not there yet");
    }
}
