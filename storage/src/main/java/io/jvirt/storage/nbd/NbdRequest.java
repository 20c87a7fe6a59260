// SPDX-License-Identifier: Apache-2.0
package io.jvirt.storage.nbd;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** A request on its way. The receiving thread fills it; the caller waits for its end. */
final class NbdRequest {
    /** Length and state flags of one piece of a block status, in order. */
    record BlockStatus(long lengthBytes, int flags) {}

    final int command;
    final int flags;
    final long offset;
    final long lengthBytes;
    /** Where a read's data goes; its position stays, pieces may come in any order. */
    final @Nullable ByteBuffer target;

    final List<BlockStatus> statuses = new ArrayList<>();
    private boolean done;
    private @Nullable IOException failure;

    NbdRequest(int command, int flags, long offset, long lengthBytes, @Nullable ByteBuffer target) {
        this.command = command;
        this.flags = flags;
        this.offset = offset;
        this.lengthBytes = lengthBytes;
        this.target = target;
    }

    /** The part of the target for bytes at an offset of the export; null when it lies outside. */
    @Nullable
    ByteBuffer place(long at, long length) {
        ByteBuffer all = target;
        if (all == null || at < offset || length < 0 || at - offset > lengthBytes - length) {
            return null;
        }
        return all.slice(all.position() + (int) (at - offset), (int) length);
    }

    synchronized void fail(IOException cause) {
        if (failure == null) {
            failure = cause;
        }
    }

    synchronized void end() {
        done = true;
        notifyAll();
    }

    synchronized void await() throws IOException {
        try {
            while (!done) {
                wait();
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException("interrupted while waiting for an NBD server", e);
        }
        if (failure != null) {
            throw failure;
        }
    }
}
