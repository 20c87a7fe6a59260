// SPDX-License-Identifier: Apache-2.0
/**
 * What the disk verbs do when the file is damaged or made to harm (fuzz: an answer or a clear error, within bounds of time,
 * memory and output), and when the process is killed (kill: the image is there, whole, with the same content). Short forms
 * run with the other tests; {@code ./test fuzz MINUTES} and {@code ./test kill MINUTES} run them for long.
 */
@org.jspecify.annotations.NullMarked
package io.jvirt.cli.disk.stress;
