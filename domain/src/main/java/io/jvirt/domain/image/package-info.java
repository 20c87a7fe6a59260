// SPDX-License-Identifier: Apache-2.0
/**
 * Images that machines start from: fetched from a URL, compared with checksums, unpacked, and kept in a cache.
 *
 * <p>{@link io.jvirt.domain.image.ImageSource} gives a file of this machine for what the user named.
 * {@link io.jvirt.domain.image.ImageCache} has a directory for each URL with one writer at a time
 * ({@link io.jvirt.domain.image.CacheLock}). A download ({@link io.jvirt.domain.image.Download}) goes into a part beside the
 * image, which survives an interruption and is continued only where the server proves that it is the same file.
 *
 * <p>Write ordering: the server's validators ({@code part.json}) before the first byte of the part; the part is synced and
 * compared with its checksum before it is unpacked or renamed; {@code info.json}, which names size and time of the image,
 * after the rename. An image without a fitting {@code info.json} is taken for absent.
 */
@NullMarked
package io.jvirt.domain.image;

import org.jspecify.annotations.NullMarked;
