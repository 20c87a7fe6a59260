// SPDX-License-Identifier: Apache-2.0
package io.jvirt.domain.transfer.wire;

import java.io.IOException;
import org.jspecify.annotations.Nullable;

/** The connection to the other host ended: what was stored there is still there. */
public final class WireBrokenException extends IOException {
    private static final long serialVersionUID = 1;

    WireBrokenException(String message, @Nullable Throwable cause) {
        super(message, cause);
    }
}
