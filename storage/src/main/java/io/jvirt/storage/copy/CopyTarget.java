// SPDX-License-Identifier: Apache-2.0
package io.jvirt.storage.copy;

import io.jvirt.storage.file.HostFile;
import java.io.Closeable;
import java.io.IOException;
import java.nio.ByteBuffer;

/** Where a copy goes. See the package's comment for the three steps of a run. */
interface CopyTarget extends Closeable {
    /** The unit in which the target stores or leaves out data: a power of two. */
    int blockBytes();

    /** The unit in which it wants to know what is zero: a divisor of the block size. */
    default int scanBytes() {
        return blockBytes();
    }

    /**
     * Shares one block of a source's file on trial, before anything else is placed there; false where this target stores
     * nothing as it is, or the file systems cannot.
     */
    default boolean tryToShare(HostFile stored, long hostOffset, long guestOffset) throws IOException {
        return false;
    }

    /** A worker of its own for each thread. */
    Worker newWorker();

    /** Everything was stored: completes the image's structures. */
    void finish() throws IOException;

    /** One thread's side of the target. The three methods are called in this order for each run. */
    interface Worker extends Closeable {
        /**
         * On any thread, for runs that were read: looks at or compresses the data.
         *
         * @param data the run's bytes from position 0 on
         * @param wanted for each scan unit, whether it is to be stored; the others are to read as zeros
         */
        void prepare(Run run, ByteBuffer data, boolean[] wanted) throws IOException;

        /** In the order of the runs, one at a time: decides where the data goes. */
        void place(Run run) throws IOException;

        /** On any thread: writes. */
        void store(Run run, ByteBuffer data) throws IOException;

        /** On any thread, after {@code place}, instead of the other two for runs that know where they are stored. */
        default void share(Run run, StoredRange stored) throws IOException {
            throw new UnsupportedOperationException("this target shares nothing");
        }

        @Override
        default void close() {}
    }
}
