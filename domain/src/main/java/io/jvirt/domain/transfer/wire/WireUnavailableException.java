// SPDX-License-Identifier: Apache-2.0
package io.jvirt.domain.transfer.wire;

import java.io.IOException;
import org.jspecify.annotations.Nullable;

/** The other host cannot be talked to in this way: no ssh, no jvirt there, or another version. */
public final class WireUnavailableException extends IOException {
    private static final long serialVersionUID = 1;

    WireUnavailableException(String message, @Nullable Throwable cause) {
        super(message, cause);
    }
}
