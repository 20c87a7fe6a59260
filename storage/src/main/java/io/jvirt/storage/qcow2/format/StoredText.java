// SPDX-License-Identifier: Apache-2.0
package io.jvirt.storage.qcow2.format;

import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.charset.CharsetDecoder;
import java.nio.charset.CoderResult;
import java.nio.charset.StandardCharsets;

/**
 * Text in an image's structures: names of files, snapshots and bitmaps. It is UTF-8 by custom, yet whoever wrote it may have
 * written any bytes, and a table that is written anew must hold the same ones. Each byte that is no UTF-8 becomes a lone
 * low surrogate, U+DC80 to U+DCFF, and the same byte again when it is written.
 */
public final class StoredText {
    private static final char FIRST = 0xDC80;
    private static final char LAST = 0xDCFF;
    private static final char REPLACEMENT = 0xFFFD;

    private StoredText() {}

    /** The text that these bytes are. */
    public static String of(byte[] bytes) {
        String text = new String(bytes, StandardCharsets.UTF_8);
        return text.indexOf(REPLACEMENT) < 0 ? text : slowly(bytes);
    }

    private static String slowly(byte[] bytes) {
        CharsetDecoder decoder = StandardCharsets.UTF_8.newDecoder();
        ByteBuffer in = ByteBuffer.wrap(bytes);
        CharBuffer out = CharBuffer.allocate(bytes.length);
        CoderResult result = decoder.decode(in, out, true);
        while (result.isError()) {
            for (int i = 0; i < result.length(); i++) {
                out.put((char) (FIRST - 0x80 + (in.get() & 0xff)));
            }
            decoder.reset();
            result = decoder.decode(in, out, true);
        }
        return out.flip().toString();
    }

    /** The bytes that this text was, or is in UTF-8. */
    public static byte[] bytes(String text) {
        byte[] plain = text.getBytes(StandardCharsets.UTF_8);
        // ASCII, as the many lines of a map are, is the same in each; what is no text has become a question mark.
        if (new String(plain, StandardCharsets.ISO_8859_1).equals(text)) {
            return plain;
        }
        int next = firstRaw(text, 0);
        if (next == text.length()) {
            return plain;
        }
        ByteBuffer bytes = ByteBuffer.allocate(3 * text.length());
        int at = 0;
        while (at < text.length()) {
            bytes.put(text.substring(at, next).getBytes(StandardCharsets.UTF_8));
            if (next < text.length()) {
                bytes.put((byte) (text.charAt(next) - FIRST + 0x80));
            }
            at = next + 1;
            next = at < text.length() ? firstRaw(text, at) : at;
        }
        byte[] exact = new byte[bytes.position()];
        bytes.flip().get(exact);
        return exact;
    }

    /** Where from here on the first byte is that is no UTF-8; the text's length where there is none. */
    private static int firstRaw(String text, int from) {
        for (int i = from; i < text.length(); i++) {
            char c = text.charAt(i);
            if (Character.isHighSurrogate(c)) {
                i++;
            } else if (c >= FIRST && c <= LAST) {
                return i;
            }
        }
        return text.length();
    }

    /** The text with a replacement character for what is no UTF-8, for places that take only valid text. */
    public static String valid(String text) {
        return firstRaw(text, 0) == text.length() ? text : new String(bytes(text), StandardCharsets.UTF_8);
    }
}
