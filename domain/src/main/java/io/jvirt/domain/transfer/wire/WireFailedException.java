// SPDX-License-Identifier: Apache-2.0
package io.jvirt.domain.transfer.wire;

import java.io.IOException;

/** The other host could not do what it was asked; the message is its own. */
public final class WireFailedException extends IOException {
    private static final long serialVersionUID = 1;

    WireFailedException(String message) {
        super(message);
    }
}
