// SPDX-License-Identifier: Apache-2.0
package io.jvirt.storage.nbd;

import io.jvirt.storage.StorageException;
import org.jspecify.annotations.Nullable;

/** A server that is not reached or refuses, with what qemu-img says then beside what says most. */
public final class NbdException extends StorageException {
    private static final long serialVersionUID = 1;

    private final String peerMessage;

    NbdException(String message, String peerMessage, String hint, @Nullable Throwable cause) {
        super(message, hint, cause);
        this.peerMessage = peerMessage;
    }

    /** The same failure with something before it. */
    public NbdException(String prefix, StorageException failure) {
        super(prefix + failure.getMessage(), failure.hint(), failure);
        peerMessage =
                prefix + (failure instanceof NbdException nbd ? nbd.peerMessage : String.valueOf(failure.getMessage()));
    }

    /** What qemu-img says, which may be several lines. */
    public String peerMessage() {
        return peerMessage;
    }
}
