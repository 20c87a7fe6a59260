// SPDX-License-Identifier: Apache-2.0
package io.jvirt.storage.copy;

import java.io.IOException;

/**
 * Turns extents of any length into runs of whole target blocks. A block of which any part must be read is read; one with
 * a zero part and a part to leave out is read too, since only the source knows what the rest looks like.
 */
final class RunSplitter {
    /** What is to become of a range. */
    enum Action {
        /** Nothing: the target reads there as the source does. */
        SKIP,
        /** Make it read as zeros. */
        ZERO,
        /** Read it and write what is not zero. */
        READ
    }

    private static final long SHARED_RUN_BYTES = 64 << 20;

    /** Takes the runs in order. */
    @FunctionalInterface
    interface Consumer {
        void accept(Run run) throws IOException;
    }

    private final int blockBytes;
    private final int readBytes;
    private final long endOffset;
    private final Consumer consumer;
    private long ticket;
    private long runStart;
    private long runEnd;
    private Action runAction = Action.SKIP;
    private long blockEnd;
    private Action blockAction = Action.SKIP;
    private boolean blockOpen;
    private boolean blockMixed;

    /**
     * @param blockBytes the target's block size
     * @param readBytes the longest run to read, a multiple of it
     * @param endOffset the end of the disk, where a last block may be short
     */
    RunSplitter(int blockBytes, int readBytes, long endOffset, Consumer consumer) {
        this.blockBytes = blockBytes;
        this.readBytes = readBytes;
        this.endOffset = endOffset;
        this.consumer = consumer;
    }

    /** The next range; it begins where the last one ended. */
    void add(long from, long to, Action action) throws IOException {
        long at = from;
        while (at < to) {
            long blockStart = at - at % blockBytes;
            if (at == blockStart && to - at >= blockBytes) {
                closeBlock();
                long whole = at + (to - at) / blockBytes * blockBytes;
                emit(at, whole, action);
                at = whole;
            } else {
                long end = Math.min(to, blockStart + blockBytes);
                part(blockStart, action);
                at = end;
                if (at == blockEnd) {
                    closeBlock();
                }
            }
        }
    }

    /** The next range, of whole blocks, whose bytes the target can share. */
    void share(long from, long to, StoredRange stored) throws IOException {
        closeBlock();
        closeRun();
        for (long at = from; at < to; at += SHARED_RUN_BYTES) {
            StoredRange rest = new StoredRange(stored.file(), stored.hostOffset() + (at - from));
            consumer.accept(new Run(ticket++, at, Math.min(SHARED_RUN_BYTES, to - at), false, rest));
        }
        runStart = to;
        runEnd = to;
        runAction = Action.SKIP;
    }

    private void part(long blockStart, Action action) throws IOException {
        long end = Math.min(endOffset, blockStart + blockBytes);
        if (blockOpen && blockEnd == end) {
            blockMixed |= blockAction != action;
            if (action.ordinal() > blockAction.ordinal()) {
                blockAction = action;
            }
        } else {
            closeBlock();
            blockOpen = true;
            blockMixed = false;
            blockEnd = end;
            blockAction = action;
        }
    }

    private void closeBlock() throws IOException {
        if (blockOpen) {
            blockOpen = false;
            long start = (blockEnd - 1) / blockBytes * blockBytes;
            emit(start, blockEnd, blockMixed ? Action.READ : blockAction);
        }
    }

    private void emit(long from, long to, Action action) throws IOException {
        if (action == runAction && from == runEnd) {
            runEnd = to;
        } else {
            closeRun();
            runStart = from;
            runEnd = to;
            runAction = action;
        }
        while (runAction == Action.READ && runEnd - runStart >= readBytes) {
            send(runStart, readBytes, false);
            runStart += readBytes;
        }
    }

    private void closeRun() throws IOException {
        if (runEnd > runStart && runAction != Action.SKIP) {
            send(runStart, runEnd - runStart, runAction == Action.ZERO);
        }
        runStart = runEnd;
    }

    private void send(long start, long length, boolean zero) throws IOException {
        consumer.accept(new Run(ticket++, start, length, zero, null));
    }

    /** Sends what is still open. */
    void finish() throws IOException {
        closeBlock();
        closeRun();
    }
}
