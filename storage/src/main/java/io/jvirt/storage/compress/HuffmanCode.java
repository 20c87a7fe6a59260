// SPDX-License-Identifier: Apache-2.0
package io.jvirt.storage.compress;

import java.util.Arrays;

/** A canonical Huffman code of limited length over a small alphabet (RFC 1951, 3.2.2), rebuilt in place for each block. */
final class HuffmanCode {
    /** Bits of each symbol's code; 0 for a symbol that does not occur. */
    final byte[] lengths;
    /** Each symbol's code with its bits reversed, as the stream takes them. */
    final int[] codes;

    private final int maxBits;
    private final int[] sorted;
    private final int[] weights;
    private final int[] lengthCounts = new int[33];
    private final int[] nextCode = new int[17];

    HuffmanCode(int symbols, int maxBits) {
        this.maxBits = maxBits;
        lengths = new byte[symbols];
        codes = new int[symbols];
        sorted = new int[symbols];
        weights = new int[symbols];
    }

    /** Builds the code for these counts. At least two symbols get a code, since some readers want a complete one. */
    void build(int[] counts) {
        int used = 0;
        for (int symbol = 0; symbol < lengths.length; symbol++) {
            if (counts[symbol] != 0) {
                sorted[used++] = counts[symbol] << 9 | symbol;
            }
        }
        for (int symbol = 0; used < 2; symbol++) {
            if (counts[symbol] == 0) {
                sorted[used++] = 1 << 9 | symbol;
            }
        }
        Arrays.sort(sorted, 0, used);
        for (int i = 0; i < used; i++) {
            weights[i] = sorted[i] >>> 9;
        }
        minimumRedundancy(weights, used);
        limitLengths(used);
        Arrays.fill(lengths, (byte) 0);
        int at = used;
        for (int bits = 1; bits <= maxBits; bits++) {
            for (int i = lengthCounts[bits]; i > 0; i--) {
                lengths[sorted[--at] & 511] = (byte) bits;
            }
        }
        assignCodes();
    }

    /** Sets given lengths, for the fixed code of the format. */
    void set(byte[] fixedLengths) {
        System.arraycopy(fixedLengths, 0, lengths, 0, lengths.length);
        Arrays.fill(lengthCounts, 0);
        for (byte bits : lengths) {
            lengthCounts[bits]++;
        }
        assignCodes();
    }

    private void assignCodes() {
        int code = 0;
        nextCode[0] = 0;
        nextCode[1] = 0;
        for (int bits = 2; bits <= maxBits; bits++) {
            code = (code + lengthCounts[bits - 1]) << 1;
            nextCode[bits] = code;
        }
        for (int symbol = 0; symbol < lengths.length; symbol++) {
            int bits = lengths[symbol];
            codes[symbol] = bits == 0 ? 0 : Integer.reverse(nextCode[bits]++) >>> (32 - bits);
        }
    }

    private void limitLengths(int used) {
        Arrays.fill(lengthCounts, 0);
        for (int i = 0; i < used; i++) {
            lengthCounts[Math.min(weights[i], 32)]++;
        }
        int tooLong = 0;
        for (int bits = maxBits + 1; bits <= 32; bits++) {
            tooLong += lengthCounts[bits];
            lengthCounts[bits] = 0;
        }
        lengthCounts[maxBits] += tooLong;
        long total = 0;
        for (int bits = 1; bits <= maxBits; bits++) {
            total += (long) lengthCounts[bits] << (maxBits - bits);
        }
        // Cut codes make the sum of 2^-length exceed 1: lengthen one shorter code for each too many.
        while (total > 1L << maxBits) {
            lengthCounts[maxBits]--;
            for (int bits = maxBits - 1; bits > 0; bits--) {
                if (lengthCounts[bits] != 0) {
                    lengthCounts[bits]--;
                    lengthCounts[bits + 1] += 2;
                    break;
                }
            }
            total--;
        }
    }

    /**
     * Turns ascending weights into code lengths, in place (Moffat and Katajainen, "In-place calculation of
     * minimum-redundancy codes").
     */
    private static void minimumRedundancy(int[] a, int n) {
        a[0] += a[1];
        int root = 0;
        int leaf = 2;
        for (int next = 1; next < n - 1; next++) {
            if (leaf >= n || a[root] < a[leaf]) {
                a[next] = a[root];
                a[root++] = next;
            } else {
                a[next] = a[leaf++];
            }
            if (leaf >= n || (root < next && a[root] < a[leaf])) {
                a[next] += a[root];
                a[root++] = next;
            } else {
                a[next] += a[leaf++];
            }
        }
        a[n - 2] = 0;
        for (int next = n - 3; next >= 0; next--) {
            a[next] = a[a[next]] + 1;
        }
        int available = 1;
        int used = 0;
        int depth = 0;
        root = n - 2;
        int next = n - 1;
        while (available > 0) {
            while (root >= 0 && a[root] == depth) {
                used++;
                root--;
            }
            while (available > used) {
                a[next--] = depth;
                available--;
            }
            available = 2 * used;
            depth++;
            used = 0;
        }
    }
}
