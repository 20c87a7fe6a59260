// SPDX-License-Identifier: Apache-2.0
package io.jvirt.storage.file;

import io.jvirt.storage.StorageException;

/** Another process has the image open in a way that excludes this one. The hint asks QEMU's question. */
public final class ImageInUseException extends StorageException {
    private static final long serialVersionUID = 1;

    public ImageInUseException(String message, String question) {
        super(message, question);
    }
}
