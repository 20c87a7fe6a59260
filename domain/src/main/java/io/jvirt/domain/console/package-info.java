// SPDX-License-Identifier: Apache-2.0
/** Talking to a guest over its serial console. */
@NullMarked
package io.jvirt.domain.console;

import org.jspecify.annotations.NullMarked;
