// SPDX-License-Identifier: Apache-2.0
package io.jvirt.domain.console;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/**
 * Looks for a text in what a console says, piece by piece. Colours and cursor movements between its characters do not
 * hide it.
 */
public final class ExpectedText {
    private static final int ESCAPE = 0x1b;

    private final byte[] wanted;
    private final byte[] recent;
    private int recentLength;
    private boolean inEscape;
    private boolean inSequence;

    public ExpectedText(String text) {
        wanted = text.getBytes(StandardCharsets.UTF_8);
        if (wanted.length == 0) {
            throw new IllegalArgumentException("an empty text is everywhere");
        }
        recent = new byte[wanted.length];
    }

    /**
     * Takes what came.
     *
     * @return the offset behind the byte that completes the text; -1 where it is not complete yet
     */
    public int feed(byte[] bytes, int offset, int length) {
        for (int i = offset; i < offset + length; i++) {
            if (isVisible(bytes[i])) {
                if (recentLength == recent.length) {
                    System.arraycopy(recent, 1, recent, 0, recent.length - 1);
                    recentLength--;
                }
                recent[recentLength++] = bytes[i];
                if (recentLength == wanted.length && Arrays.equals(recent, wanted)) {
                    recentLength = 0;
                    return i + 1;
                }
            }
        }
        return -1;
    }

    /** ECMA-48: ESC [ parameters final byte, or ESC and one more byte. */
    private boolean isVisible(byte b) {
        if (inSequence) {
            inSequence = b < 0x40;
            return false;
        }
        if (inEscape) {
            inEscape = false;
            inSequence = b == '[';
            return false;
        }
        inEscape = b == ESCAPE;
        return !inEscape;
    }
}
