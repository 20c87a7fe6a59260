// SPDX-License-Identifier: Apache-2.0
/** The verb {@code delete}, and the references between domains and images that it respects. */
@NullMarked
package io.jvirt.domain.delete;

import org.jspecify.annotations.NullMarked;
