// SPDX-License-Identifier: Apache-2.0
package io.jvirt.storage.compress;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;
import java.util.Arrays;

/**
 * Finds matches through hash chains with one step of lazy evaluation and turns the input into tokens, a block at a
 * time.
 *
 * <p>A token's low 9 bits are a literal (0 to 255) or 256 + match length - 3; the bits above are the match's distance.
 */
final class DeflateMatcher {
    static final int LITERAL_SYMBOLS = 286;
    static final int DISTANCE_SYMBOLS = 30;
    static final int END_OF_BLOCK = 256;

    /** The symbol of each match length, less 3. */
    static final short[] LENGTH_SYMBOL = lengthSymbols();

    private static final VarHandle INT = MethodHandles.byteArrayViewVarHandle(int[].class, ByteOrder.LITTLE_ENDIAN);
    private static final VarHandle LONG = MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.LITTLE_ENDIAN);

    private static final int MIN_MATCH = 3;
    private static final int MAX_MATCH = 258;
    private static final int WINDOW = 4096;
    private static final int WINDOW_MASK = WINDOW - 1;
    private static final int HASH_BITS = 14;
    // Chosen by measuring on files of a Linux system in 64 KiB clusters: 0.9 % larger than zlib's level 6, in half its
    // time.

    /** Matches this long are taken without a look at the next position. */
    private static final int LAZY_LIMIT = 6;
    /** With a match this long in hand, a better one is looked for in a quarter of the chain. */
    private static final int GOOD_LENGTH = 8;
    /** A match this long ends the search. */
    private static final int NICE_LENGTH = 64;

    private static final int CHAIN_LIMIT = 8;
    /** Shorter blocks let the codes follow the data; longer ones save headers. */
    private static final int BLOCK_TOKENS = 12_000;
    /** Lazy evaluation can end a block a few tokens late. */
    static final int MAX_TOKENS = BLOCK_TOKENS + 32;

    final int[] tokens = new int[MAX_TOKENS];
    final int[] literalCounts = new int[LITERAL_SYMBOLS];
    final int[] distanceCounts = new int[DISTANCE_SYMBOLS];
    int tokenCount;

    // Positions in the chains count on over all inputs, so that nothing has to be cleared between them.
    private final int[] head = new int[1 << HASH_BITS];
    private final int[] previous = new int[WINDOW];
    private int nextBase = WINDOW;

    private byte[] input = new byte[0];
    private int position;
    private int end;
    private int base;
    private int foundDistance;

    void begin(byte[] bytes, int offset, int endOffset) {
        int length = endOffset - offset;
        if (nextBase > Integer.MAX_VALUE - length - 2 * WINDOW) {
            Arrays.fill(head, 0);
            Arrays.fill(previous, 0);
            nextBase = WINDOW;
        }
        input = bytes;
        position = offset;
        end = endOffset;
        base = nextBase - offset;
        nextBase += length + WINDOW;
    }

    /** Makes the tokens of the next block; returns the input position where it ends. */
    int parse() {
        Arrays.fill(literalCounts, 0);
        Arrays.fill(distanceCounts, 0);
        byte[] in = input;
        int[] out = tokens;
        int[] literals = literalCounts;
        int[] distances = distanceCounts;
        int limit = end;
        // The last bytes have no room for the four-byte load of the hash.
        int hashLimit = limit - MIN_MATCH;
        int shift = base;
        int at = position;
        int count = 0;
        // A match found at the previous position that waits for a longer one here.
        int pendingLength = 0;
        int pendingDistance = 0;
        while (at < limit) {
            int length = 0;
            int distance = 0;
            if (at < hashLimit) {
                int candidate = insert(in, at, shift);
                if (pendingLength < LAZY_LIMIT && candidate >= at + shift - WINDOW_MASK) {
                    length = longest(in, at, candidate, pendingLength);
                    distance = foundDistance;
                }
            }
            if (pendingLength > 0) {
                if (length > pendingLength) {
                    int literal = in[at - 1] & 0xff;
                    out[count++] = literal;
                    literals[literal]++;
                } else {
                    out[count++] = pendingDistance << 9 | (256 - MIN_MATCH + pendingLength);
                    literals[LENGTH_SYMBOL[pendingLength - MIN_MATCH]]++;
                    distances[distanceSymbol(pendingDistance)]++;
                    int next = at - 1 + pendingLength;
                    int stop = Math.min(next, hashLimit);
                    for (int i = at + 1; i < stop; i++) {
                        insert(in, i, shift);
                    }
                    at = next;
                    pendingLength = 0;
                    if (count >= BLOCK_TOKENS) {
                        break;
                    }
                    continue;
                }
            }
            if (length >= MIN_MATCH) {
                pendingLength = length;
                pendingDistance = distance;
                at++;
            } else {
                int literal = in[at] & 0xff;
                out[count++] = literal;
                literals[literal]++;
                at++;
                if (count >= BLOCK_TOKENS) {
                    break;
                }
            }
        }
        if (pendingLength > 0) {
            out[count++] = pendingDistance << 9 | (256 - MIN_MATCH + pendingLength);
            literals[LENGTH_SYMBOL[pendingLength - MIN_MATCH]]++;
            distances[distanceSymbol(pendingDistance)]++;
            at = at - 1 + pendingLength;
        }
        literals[END_OF_BLOCK] = 1;
        tokenCount = count;
        position = at;
        return at;
    }

    /** Puts a position at the head of its chain; returns the head before. */
    private int insert(byte[] in, int at, int shift) {
        int hash = (((int) INT.get(in, at) << 8) * 0x9E3779B1) >>> (32 - HASH_BITS);
        int candidate = head[hash];
        int absolute = at + shift;
        previous[absolute & WINDOW_MASK] = candidate;
        head[hash] = absolute;
        return candidate;
    }

    /** The length of the longest match over {@code atLeast}, or 0; the distance is left in {@link #foundDistance}. */
    private int longest(byte[] in, int at, int firstCandidate, int atLeast) {
        int shift = base;
        int[] chain = previous;
        int oldest = at + shift - WINDOW_MASK;
        int limit = Math.min(MAX_MATCH, end - at);
        int tries = atLeast >= GOOD_LENGTH ? CHAIN_LIMIT >> 2 : CHAIN_LIMIT;
        int best = atLeast;
        int bestDistance = 0;
        int candidate = firstCandidate;
        if (best >= limit) {
            return 0;
        }
        int check = Math.max(best - 3, 0);
        int mask = best < 3 ? 0xffffff : -1;
        int wanted = (int) INT.get(in, at + check);
        do {
            int from = candidate - shift;
            if ((((int) INT.get(in, from + check) ^ wanted) & mask) == 0) {
                int length = common(in, from, at, limit);
                if (length > best && length >= MIN_MATCH) {
                    best = length;
                    bestDistance = at - from;
                    if (length >= NICE_LENGTH || length >= limit) {
                        break;
                    }
                    check = best - 3;
                    mask = -1;
                    wanted = (int) INT.get(in, at + check);
                }
            }
            candidate = chain[candidate & WINDOW_MASK];
        } while (candidate >= oldest && --tries > 0);
        foundDistance = bestDistance;
        return bestDistance == 0 ? 0 : best;
    }

    private static int common(byte[] in, int from, int at, int limit) {
        int length = 0;
        while (length + 8 <= limit) {
            long difference = (long) LONG.get(in, from + length) ^ (long) LONG.get(in, at + length);
            if (difference != 0) {
                return length + (Long.numberOfTrailingZeros(difference) >>> 3);
            }
            length += 8;
        }
        while (length < limit && in[from + length] == in[at + length]) {
            length++;
        }
        return length;
    }

    static int distanceSymbol(int distance) {
        int offset = distance - 1;
        if (offset < 4) {
            return offset;
        }
        int high = 31 - Integer.numberOfLeadingZeros(offset);
        return 2 * high + (offset >>> (high - 1) & 1);
    }

    private static short[] lengthSymbols() {
        short[] symbols = new short[MAX_MATCH - MIN_MATCH + 1];
        for (int symbol = 257; symbol < 285; symbol++) {
            int first = DeflateBlock.lengthBase(symbol) - MIN_MATCH;
            int codes = 1 << DeflateBlock.lengthExtraBits(symbol);
            for (int i = 0; i < codes && first + i < symbols.length; i++) {
                symbols[first + i] = (short) symbol;
            }
        }
        symbols[MAX_MATCH - MIN_MATCH] = 285;
        return symbols;
    }
}
