// SPDX-License-Identifier: Apache-2.0
/** Compression of single clusters, as qcow2 stores them: raw deflate with a 12-bit window, and zstd. */
@NullMarked
package io.jvirt.storage.compress;

import org.jspecify.annotations.NullMarked;
