// SPDX-License-Identifier: Apache-2.0
/**
 * Makes a qcow2 file smaller where it lies: clusters move from its tail into free ones, then the tail is cut off. A crash
 * at any point leaves a sound image that at most leaks a few clusters.
 */
@org.jspecify.annotations.NullMarked
package io.jvirt.storage.qcow2.compact;
