// SPDX-License-Identifier: Apache-2.0
/**
 * Bytes on their way to another host. A {@link io.jvirt.domain.transfer.Payload} is what is sent: a file as it is, or what a
 * guest sees of a chain of images. A {@link io.jvirt.domain.transfer.Transport} is how: {@link
 * io.jvirt.domain.transfer.VolumeTransport} goes through libvirt's storage streams and needs nothing on the other side.
 *
 * <p>A payload travels in pieces, in ascending order. What a piece ended at is known to be stored there, so a broken transfer
 * goes on from the last piece. Holes and zeros do not travel.
 */
@NullMarked
package io.jvirt.domain.transfer;

import org.jspecify.annotations.NullMarked;
