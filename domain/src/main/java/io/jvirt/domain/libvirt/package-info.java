// SPDX-License-Identifier: Apache-2.0
/** The only package that knows libvirt: connections, domains, pools, volumes, networks, and its errors. */
@NullMarked
package io.jvirt.domain.libvirt;

import org.jspecify.annotations.NullMarked;
