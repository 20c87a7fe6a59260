// SPDX-License-Identifier: Apache-2.0
/** The commands on virtual machines. */
@NullMarked
package io.jvirt.cli.vm;

import org.jspecify.annotations.NullMarked;
