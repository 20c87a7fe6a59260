// SPDX-License-Identifier: Apache-2.0
package io.jvirt.domain.transfer;

import java.io.IOException;
import java.util.function.LongConsumer;

/** A way to one place where a payload is to be stored. */
public interface Transport {
    /**
     * Sends a piece: what follows {@code from}, until about {@code budgetBytes} have travelled.
     *
     * @param offset told how far it is
     * @return the end of the piece: all before it is stored there; the payload's length when it was the last
     */
    long send(Payload payload, long from, long budgetBytes, LongConsumer offset) throws IOException;

    /**
     * The same for a place that holds an older copy: reads it, and sends only what differs.
     *
     * @param copyBytes the length of what is there
     */
    long update(Payload payload, long from, long budgetBytes, long copyBytes, LongConsumer offset) throws IOException;

    /**
     * Reads back what is stored there.
     *
     * @param offset told how far it is
     * @return the first offset at which it is not the payload's; -1 where all is equal
     */
    long firstDifference(Payload payload, LongConsumer offset) throws IOException;
}
