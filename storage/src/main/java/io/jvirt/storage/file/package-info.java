// SPDX-License-Identifier: Apache-2.0
/**
 * Files as the engine needs them: positional reads and writes, holes, allocation, locks, syncing; pipes and hashes beside
 * them. The only package of this module with native calls.
 */
@NullMarked
package io.jvirt.storage.file;

import org.jspecify.annotations.NullMarked;
