// SPDX-License-Identifier: Apache-2.0
/**
 * Tests on the lab's two libvirt hosts, started by {@code ./test lab}: {@code *IT} classes, judged from outside by virsh and
 * qemu-img. {@link io.jvirt.lab.LabHost} runs commands in a host, {@link io.jvirt.lab.Jvirt} the product,
 * {@link io.jvirt.lab.Sandbox} proves that a test left nothing behind.
 */
@NullMarked
package io.jvirt.lab;

import org.jspecify.annotations.NullMarked;
