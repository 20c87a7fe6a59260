// SPDX-License-Identifier: Apache-2.0
package io.jvirt.domain.transfer.wire;

import io.jvirt.domain.transfer.Transport;
import java.io.IOException;
import java.util.ArrayDeque;
import java.util.Deque;

/** The ranges that have been dealt with here, until the other side has confirmed what was sent of them, in their order. */
final class PendingPieces {
    /** Two of them are under way at most: what is sent again after a break. */
    static final long PIECE_BYTES = 16L << 20;

    private static final int UNCONFIRMED = 1;

    private final WireSession session;
    private final Transport.Progress progress;
    private final Deque<Piece> pending = new ArrayDeque<>();

    private record Piece(long from, long to, boolean isSent) {}

    /** @param progress told what is stored */
    PendingPieces(WireSession session, Transport.Progress progress) {
        this.session = session;
        this.progress = progress;
    }

    /** Of this range something was sent. */
    void sent(long from, long to) throws IOException {
        session.sendLongs(Frame.PIECE, from, to);
        pending.add(new Piece(from, to, true));
        confirm(UNCONFIRMED);
    }

    /** This range is the same there already. */
    void unchanged(long from, long to) throws IOException {
        pending.add(new Piece(from, to, false));
        confirm(UNCONFIRMED);
    }

    void confirmAll() throws IOException {
        confirm(0);
    }

    /** Takes confirmations until so many are missing. */
    private void confirm(int missing) throws IOException {
        while (!pending.isEmpty()) {
            Piece piece = pending.element();
            if (piece.isSent()) {
                Frame answer = pending.size() > missing ? session.await(Frame.STORED) : session.poll(Frame.STORED);
                if (answer == null) {
                    return;
                }
                long from = answer.body().getLong();
                if (from != piece.from() || answer.body().getLong() != piece.to()) {
                    throw new WireFailedException("the confirmation of another piece came");
                }
            }
            pending.remove();
            progress.stored(piece.to());
        }
    }
}
