// SPDX-License-Identifier: Apache-2.0
/** Switching machines on and off, and at the host's boot. */
@NullMarked
package io.jvirt.domain.power;

import org.jspecify.annotations.NullMarked;
