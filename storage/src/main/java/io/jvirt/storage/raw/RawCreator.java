// SPDX-License-Identifier: Apache-2.0
package io.jvirt.storage.raw;

import io.jvirt.storage.Preallocation;
import io.jvirt.storage.StorageException;
import io.jvirt.storage.file.ByteStore;
import java.io.IOException;

/** Gives a new file the size of a raw disk. */
public final class RawCreator {
    private RawCreator() {}

    public static void create(ByteStore file, long virtualSizeBytes, Preallocation preallocation) throws IOException {
        long size = (virtualSizeBytes + 511) / 512 * 512;
        if (file.isDevice()) {
            if (file.sizeBytes() < size) {
                throw new StorageException(
                        "The image size is too large for '" + file.name() + "': it has " + file.sizeBytes() + " bytes");
            }
            return;
        }
        switch (preallocation) {
            case OFF, METADATA -> file.truncate(size);
            case FALLOC -> file.allocate(0, size);
            case FULL -> {
                file.allocate(0, size);
                file.writeZeros(0, size);
            }
        }
    }
}
