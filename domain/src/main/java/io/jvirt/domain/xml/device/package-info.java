// SPDX-License-Identifier: Apache-2.0
/** The devices of a domain: each class declares the properties of one element below {@code <devices>}. */
@NullMarked
package io.jvirt.domain.xml.device;

import org.jspecify.annotations.NullMarked;
