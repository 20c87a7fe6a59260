// SPDX-License-Identifier: Apache-2.0
/** What there is to know about a machine: its definition, its state, its disks' sizes, its addresses. */
@NullMarked
package io.jvirt.domain.inspect;

import org.jspecify.annotations.NullMarked;
