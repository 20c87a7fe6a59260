// SPDX-License-Identifier: Apache-2.0
/**
 * The verb {@code clone}: machines like another one, each with a name, addresses and disks of its own.
 *
 * <p>{@link io.jvirt.domain.clone.Clone} plans, {@link io.jvirt.domain.clone.SourceDisks} says how each disk comes to be,
 * {@link io.jvirt.domain.clone.CloneXml} changes what must differ in the definition and
 * {@link io.jvirt.domain.clone.ClonedDevices} in its devices; the steps are those of {@code create}.
 */
@NullMarked
package io.jvirt.domain.clone;

import org.jspecify.annotations.NullMarked;
