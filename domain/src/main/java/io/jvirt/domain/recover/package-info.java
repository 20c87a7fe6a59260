// SPDX-License-Identifier: Apache-2.0
/** The verb {@code recover}: finishes or undoes what a crash left. */
@NullMarked
package io.jvirt.domain.recover;

import org.jspecify.annotations.NullMarked;
