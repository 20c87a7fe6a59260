// SPDX-License-Identifier: Apache-2.0
/** Raw images: the file is the disk. */
@NullMarked
package io.jvirt.storage.raw;

import org.jspecify.annotations.NullMarked;
