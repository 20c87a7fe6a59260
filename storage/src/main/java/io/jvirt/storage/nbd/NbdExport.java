// SPDX-License-Identifier: Apache-2.0
package io.jvirt.storage.nbd;

/**
 * What the handshake settled.
 *
 * @param sizeBytes size of the export
 * @param flags transmission flags, {@code NbdProtocol.FLAG_*}
 * @param minBlockBytes offsets and lengths are multiples of this
 * @param maxBlockBytes the most that one request may carry
 * @param structuredReplies whether the server answers in chunks
 * @param allocationContext the number of the context {@code base:allocation}, or -1 where the server has none
 */
record NbdExport(
        long sizeBytes,
        int flags,
        int minBlockBytes,
        int maxBlockBytes,
        boolean structuredReplies,
        long allocationContext) {
    boolean has(int flag) {
        return (flags & flag) != 0;
    }
}
