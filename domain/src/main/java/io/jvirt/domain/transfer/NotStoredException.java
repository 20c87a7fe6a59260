// SPDX-License-Identifier: Apache-2.0
package io.jvirt.domain.transfer;

import java.io.IOException;

/** What the target stores is not what was sent. */
public final class NotStoredException extends IOException {
    private static final long serialVersionUID = 1;

    NotStoredException(long offset) {
        super("what is stored there at offset " + offset
                + " is not what was sent: look at the target's storage and memory");
    }
}
