// SPDX-License-Identifier: Apache-2.0
/**
 * A file on another host, written and read by jvirt itself there: the host's own ssh carries frames between {@link
 * io.jvirt.domain.transfer.wire.WireSession} here and {@link io.jvirt.domain.transfer.wire.WireServer} ({@code jvirt wire})
 * there.
 *
 * <p>A frame is its length (4 bytes, big-endian, of all that follows), a type and a body; {@link
 * io.jvirt.domain.transfer.wire.Frame} lists the types. Both sides begin with a hello that names their version. This side
 * names one file at a time and everything that is done with it; the other side answers with numbers, hashes, bytes and error
 * texts, and nothing that it says becomes a name here. The other side writes only to the file that was opened, follows no
 * name inside it, and refuses frames that lead outside of its length.
 *
 * <p>Blocks of 64 KiB have SHA-256 hashes ({@link io.jvirt.storage.copy.DigestTree}); blocks of zeros have none and do not
 * travel. A piece is confirmed when it has been written; when all has been sent and synced, the other side reads what it has
 * stored and answers with its digest. An older copy is brought up to date by a comparison of hashes.
 */
@NullMarked
package io.jvirt.domain.transfer.wire;

import org.jspecify.annotations.NullMarked;
