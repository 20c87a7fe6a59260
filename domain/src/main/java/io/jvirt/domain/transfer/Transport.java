// SPDX-License-Identifier: Apache-2.0
package io.jvirt.domain.transfer;

import java.io.IOException;
import java.util.function.LongConsumer;
import org.jspecify.annotations.Nullable;

/** A way to one place where a payload is to be stored. */
public interface Transport {
    /** Hears how far it is. */
    interface Progress {
        /** Up to this offset everything has been dealt with here. */
        void reached(long offset);

        /** So many bytes more have travelled. */
        default void sent(long bytes) {}

        /** All before this offset is stored there: a transfer that breaks goes on from it. */
        void stored(long offset) throws IOException;
    }

    /** Sends all that follows {@code from}, into a place that holds zeros there. */
    void send(Payload payload, long from, Progress progress) throws IOException;

    /**
     * The same for a place that holds an older copy: compares, and sends only what differs.
     *
     * @param copyBytes the length of what is there
     */
    void update(Payload payload, long from, long copyBytes, Progress progress) throws IOException;

    /**
     * Compares what is stored there.
     *
     * @param offset told how far it is
     * @return the first offset at which it is not the payload's; -1 where all is equal
     */
    long firstDifference(Payload payload, LongConsumer offset) throws IOException;

    /** The digest of all of the payload's bytes, where it came to be known on the way. */
    default @Nullable String digest() {
        return null;
    }
}
