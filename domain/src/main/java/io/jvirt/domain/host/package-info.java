// SPDX-License-Identifier: Apache-2.0
/** What a host needs before it can hold machines: the default network and the default storage pool. */
@NullMarked
package io.jvirt.domain.host;

import org.jspecify.annotations.NullMarked;
