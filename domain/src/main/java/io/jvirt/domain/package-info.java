// SPDX-License-Identifier: Apache-2.0
/** Virtual machines: the verbs that act on them. libvirt is reached through {@code libvirt} only. */
@NullMarked
package io.jvirt.domain;

import org.jspecify.annotations.NullMarked;
