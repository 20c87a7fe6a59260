// SPDX-License-Identifier: Apache-2.0
package io.jvirt.storage.compress;

/** Encodes one buffer as a raw deflate stream whose matches reach back less than 4 KiB. Allocates only when buffers grow. */
final class DeflateEncoder {
    private final DeflateMatcher matcher = new DeflateMatcher();
    private final DeflateBlock block = new DeflateBlock();

    /**
     * Encodes {@code length} bytes into {@link #output()}.
     *
     * @return the stream's length, or -1 when it is longer than {@code limitBytes}
     */
    int encode(byte[] input, int offset, int length, int limitBytes) {
        int end = offset + length;
        block.begin(limitBytes);
        matcher.begin(input, offset, end);
        int start = offset;
        do {
            int next = matcher.parse();
            if (!block.write(matcher, input, start, next, next == end)) {
                return -1;
            }
            start = next;
        } while (start < end);
        return block.finish();
    }

    byte[] output() {
        return block.output();
    }
}
