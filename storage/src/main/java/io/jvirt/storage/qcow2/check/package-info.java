// SPDX-License-Identifier: Apache-2.0
/**
 * The consistency check of a qcow2 image: counts what refers to each cluster, compares that with the refcounts in the file,
 * and repairs. A sound image goes through {@link io.jvirt.storage.qcow2.check.SoundImageCheck} in parallel; whatever it
 * cannot call sound goes through the exact steps, one after the other, with QEMU's words for each finding.
 */
@NullMarked
package io.jvirt.storage.qcow2.check;

import org.jspecify.annotations.NullMarked;
