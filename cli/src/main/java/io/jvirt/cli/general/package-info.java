// SPDX-License-Identifier: Apache-2.0
/** Commands about jvirt itself. */
@NullMarked
package io.jvirt.cli.general;

import org.jspecify.annotations.NullMarked;
