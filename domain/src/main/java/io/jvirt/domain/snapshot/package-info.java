// SPDX-License-Identifier: Apache-2.0
/**
 * Snapshots of domains: internal ones, which are libvirt's and QEMU's affair, and external ones, where the disk goes on in
 * an overlay and the image below it is the snapshot.
 *
 * <p>libvirt takes all of them. External ones of a domain that is off are reverted to and deleted here, with the disk
 * engine's overlays, commit and rebase ({@link io.jvirt.domain.snapshot.ExternalRevert}, {@link
 * io.jvirt.domain.snapshot.ExternalDelete}); no image goes that anything else needs.
 */
@NullMarked
package io.jvirt.domain.snapshot;

import org.jspecify.annotations.NullMarked;
