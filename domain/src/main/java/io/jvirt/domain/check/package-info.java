// SPDX-License-Identifier: Apache-2.0
/**
 * Whether a host is fit for virtual machines. {@link io.jvirt.domain.check.CheckFacts} are gathered once; each
 * {@link io.jvirt.domain.check.HostCheck} is a function of them.
 */
@NullMarked
package io.jvirt.domain.check;

import org.jspecify.annotations.NullMarked;
