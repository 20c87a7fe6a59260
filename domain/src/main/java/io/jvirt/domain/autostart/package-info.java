// SPDX-License-Identifier: Apache-2.0
/**
 * Starting machines in an order after the host's boot, and stopping them in reverse.
 *
 * <p>{@link io.jvirt.domain.autostart.OrderedStart} is what a machine carries in its metadata. {@link
 * io.jvirt.domain.autostart.StartGraph} makes an order of all of them and refuses what has none. {@link
 * io.jvirt.domain.autostart.StartRun} and {@link io.jvirt.domain.autostart.StopRun} follow it, a thread for each machine:
 * a machine starts when those of lower orders have been seen to, and only if each prerequisite's probe has passed.
 */
@NullMarked
package io.jvirt.domain.autostart;

import org.jspecify.annotations.NullMarked;
