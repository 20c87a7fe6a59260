// SPDX-License-Identifier: Apache-2.0
package io.jvirt.cli.disk;

import io.jvirt.storage.StorageException;

/** A failure whose hint is one that qemu-img prints too, so that it is shown whatever name the tool was called by. */
final class PeerException extends StorageException {
    private static final long serialVersionUID = 1;

    PeerException(String message, String hint) {
        super(message, hint);
    }
}
