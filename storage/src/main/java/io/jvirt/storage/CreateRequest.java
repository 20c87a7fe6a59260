// SPDX-License-Identifier: Apache-2.0
package io.jvirt.storage;

import io.jvirt.storage.qcow2.Qcow2Options;
import java.nio.file.Path;

/**
 * A new image.
 *
 * @param file where it goes; a file that is there is replaced, a block device is written
 * @param format raw or qcow2
 * @param virtualSizeBytes what the guest sees; any number of bytes (raw and qcow2 are rounded up to 512)
 * @param preallocation how much of it is there from the start
 * @param qcow2 what only qcow2 knows; ignored for raw
 */
public record CreateRequest(
        Path file, ImageFormat format, long virtualSizeBytes, Preallocation preallocation, Qcow2Options qcow2) {

    public static CreateRequest raw(Path file, long virtualSizeBytes) {
        return new CreateRequest(file, ImageFormat.RAW, virtualSizeBytes, Preallocation.OFF, Qcow2Options.defaults());
    }

    public static CreateRequest qcow2(Path file, long virtualSizeBytes) {
        return new CreateRequest(file, ImageFormat.QCOW2, virtualSizeBytes, Preallocation.OFF, Qcow2Options.defaults());
    }

    public CreateRequest withPreallocation(Preallocation changed) {
        return new CreateRequest(file, format, virtualSizeBytes, changed, qcow2);
    }

    public CreateRequest withQcow2(Qcow2Options changed) {
        return new CreateRequest(file, format, virtualSizeBytes, preallocation, changed);
    }
}
