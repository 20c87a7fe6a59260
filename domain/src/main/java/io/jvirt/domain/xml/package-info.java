// SPDX-License-Identifier: Apache-2.0
/** libvirt's XML as live documents: declared properties on elements; what jvirt does not know survives. */
@NullMarked
package io.jvirt.domain.xml;

import org.jspecify.annotations.NullMarked;
