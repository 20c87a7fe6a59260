// SPDX-License-Identifier: Apache-2.0
/** {@code jvirt disk}: qemu-img's verbs, options, messages and exit codes. */
@NullMarked
package io.jvirt.cli.disk;

import org.jspecify.annotations.NullMarked;
