// SPDX-License-Identifier: Apache-2.0
/** What a host can do and what it needs: the probe of KVM, the default network and the default storage pool. */
@NullMarked
package io.jvirt.domain.host;

import org.jspecify.annotations.NullMarked;
