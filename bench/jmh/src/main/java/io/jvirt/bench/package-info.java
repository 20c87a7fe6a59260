// SPDX-License-Identifier: Apache-2.0
/** Microbenchmarks of the disk engine's inner loops, run by {@code bench/jmh/run}. */
@NullMarked
package io.jvirt.bench;

import org.jspecify.annotations.NullMarked;
