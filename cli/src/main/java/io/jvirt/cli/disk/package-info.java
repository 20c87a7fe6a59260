// SPDX-License-Identifier: Apache-2.0
/**
 * {@code jvirt disk}: the verbs, options, texts and exit codes of qemu-img 7.2, on the engine of module {@code storage}.
 *
 * <p>{@link io.jvirt.cli.disk.DiskMain} is the way in; each verb is one class. Texts that scripts read are qemu-img's to
 * the byte and are held by tests that run both tools side by side. Standard output is held back in a pipe until it is
 * full or the verb ends, as C's stdio does, so that the order against standard error is the same too.
 */
@NullMarked
package io.jvirt.cli.disk;

import org.jspecify.annotations.NullMarked;
