// SPDX-License-Identifier: Apache-2.0
package io.jvirt.storage.compress;

import io.jvirt.storage.StorageException;
import java.nio.ByteBuffer;

/**
 * Compresses and decompresses one cluster at a time. It keeps its buffers between calls and is not thread-safe: each
 * thread has a codec of its own.
 */
public interface ClusterCodec extends AutoCloseable {
    /**
     * Compresses all that remains in {@code source} into {@code target}.
     *
     * @return true when the result fit; false when it needs more room than remains in {@code target} (the cluster does
     *     not shrink), and then the positions of both buffers are as before
     */
    boolean compress(ByteBuffer source, ByteBuffer target);

    /**
     * Fills {@code target} with exactly one decompressed cluster. Bytes in {@code source} after the end of the
     * compressed stream are ignored: a compressed cluster's length is known in sectors only.
     *
     * @throws StorageException when the stream is damaged or holds less than a cluster
     */
    void decompress(ByteBuffer source, ByteBuffer target) throws StorageException;

    /**
     * How many bytes of {@code source} the stream takes; it is decompressed to learn that.
     *
     * @throws StorageException when the stream is damaged or holds another length than a cluster's
     */
    int streamBytes(ByteBuffer source, int clusterBytes) throws StorageException;

    /** Gives native memory back. */
    @Override
    void close();
}
