// SPDX-License-Identifier: Apache-2.0
/**
 * Moves and judges guest-visible content: copy into a new image, compare, digest.
 *
 * <p>All three map first and read second: the source's extents say what must be read, runs of it are handed to worker
 * threads in order, and what reads as zeros is never read. A copy has three steps for each run: {@code prepare} (read,
 * find zeros, compress) and {@code store} (write) run on all threads at once; {@code place} between them (decide where
 * the run goes) happens in the order of the runs, so that the layout is the same for any number of threads.
 */
@NullMarked
package io.jvirt.storage.copy;

import org.jspecify.annotations.NullMarked;
