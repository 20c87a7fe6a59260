// SPDX-License-Identifier: Apache-2.0
package io.jvirt.domain.transfer.wire;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;

/**
 * What one side says to the other.
 *
 * @param body its position is at its start
 */
record Frame(byte type, ByteBuffer body) {
    static final int VERSION = 2;

    /** Data comes in pieces of this size at most. */
    static final int MOST_DATA_BYTES = 512 << 10;

    /** Longer frames are an error: nothing may make the reader take any amount of memory. */
    static final int MOST_BYTES = MOST_DATA_BYTES + (64 << 10);

    /** Behind anything that a login shell may print. */
    static final byte[] MAGIC = "\0jvirt-wire\n".getBytes(StandardCharsets.US_ASCII);

    /** Both ways. Version (int). */
    static final byte HELLO = 1;

    // Requests
    /**
     * Format (byte, {@link #BYTES} or {@link #QCOW2}), mode (byte, {@link #KEEP} and others), length (long), path (text). Answer:
     * OPENED.
     */
    static final byte OPEN = 10;
    /** Offset (long), compressed (byte), length before compression (int), bytes. No answer. */
    static final byte DATA = 11;
    /** Offset (long), length (long). No answer. */
    static final byte ZERO = 12;
    /** From (long), to (long): all of it has been sent. Answer: STORED, when it has been written. */
    static final byte PIECE = 13;
    /** From (long), to (long). Answer: HASHES, until one says that it is the last. */
    static final byte HASH = 14;
    /** Of the whole file. Answer: FAR now and then, DIGEST. */
    static final byte DIGEST = 15;
    /** Offset (long), length (int). Answer: CONTENT. */
    static final byte READ = 16;
    /** The file is complete: it is synced. Answer: CLOSED. */
    static final byte CLOSE = 17;
    /** I am still there. No answer. */
    static final byte PING = 18;

    // Answers
    /** Length before (long). */
    static final byte OPENED = 30;
    /** From (long), to (long). */
    static final byte STORED = 33;
    /** Last (byte), then for each block that is not zero: its number (long), its hash (32 bytes). */
    static final byte HASHES = 34;
    /** Offset (long) up to which the digest is. */
    static final byte FAR = 35;
    /** 32 bytes. */
    static final byte DIGESTED = 36;

    static final byte CONTENT = 37;
    static final byte CLOSED = 38;
    /** Why (text). The other side ends. */
    static final byte FAILED = 39;

    // Formats
    static final byte BYTES = 0;
    static final byte QCOW2 = 1;

    // Modes
    /** Written to; what it holds stays. */
    static final byte KEEP = 0;
    /** Written to; what it holds is thrown away. */
    static final byte ANEW = 1;
    /** Only read; its length is what it is. */
    static final byte LOOK = 2;

    String text() {
        byte[] bytes = new byte[body.remaining()];
        body.get(bytes);
        return new String(bytes, StandardCharsets.UTF_8);
    }

    /** The same for people: nothing in it moves a terminal's cursor. */
    String line() {
        return text().replaceAll("\\p{Cntrl}+", " ");
    }
}
