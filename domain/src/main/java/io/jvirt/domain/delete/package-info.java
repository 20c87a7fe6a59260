// SPDX-License-Identifier: Apache-2.0
/** The verb {@code delete}. */
@NullMarked
package io.jvirt.domain.delete;

import org.jspecify.annotations.NullMarked;
