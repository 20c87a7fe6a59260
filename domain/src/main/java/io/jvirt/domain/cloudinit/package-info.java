// SPDX-License-Identifier: Apache-2.0
/**
 * What a cloud image learns at its first boot: cloud-init's NoCloud seed, a small ISO 9660 image with the volume name
 * {@code cidata}.
 */
@NullMarked
package io.jvirt.domain.cloudinit;

import org.jspecify.annotations.NullMarked;
