// SPDX-License-Identifier: Apache-2.0
/** Operations on qcow2 images; what is on disk is described in {@code format}. */
@NullMarked
package io.jvirt.storage.qcow2;

import org.jspecify.annotations.NullMarked;
