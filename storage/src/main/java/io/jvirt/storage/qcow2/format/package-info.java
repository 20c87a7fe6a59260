// SPDX-License-Identifier: Apache-2.0
/** The structures of a qcow2 file as they lie on disk (big-endian): header, extensions, L1 and L2 tables, refcounts, snapshots, bitmaps. */
@NullMarked
package io.jvirt.storage.qcow2.format;

import org.jspecify.annotations.NullMarked;
