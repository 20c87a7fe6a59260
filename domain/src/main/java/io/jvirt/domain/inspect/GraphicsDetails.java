// SPDX-License-Identifier: Apache-2.0
package io.jvirt.domain.inspect;

import org.jspecify.annotations.Nullable;

/**
 * A graphical console.
 *
 * @param type vnc or spice
 * @param port null while none is given out
 */
public record GraphicsDetails(
        String type,
        @Nullable String listen,
        @Nullable Long port,
        @Nullable String socket) {}
