// SPDX-License-Identifier: Apache-2.0
/** The command line: the only place that knows picocli, prints, and ends the process. */
@NullMarked
package io.jvirt.cli;

import org.jspecify.annotations.NullMarked;
