// SPDX-License-Identifier: Apache-2.0
/** A client of the Network Block Device protocol: disks that another program serves. */
@NullMarked
package io.jvirt.storage.nbd;

import org.jspecify.annotations.NullMarked;
