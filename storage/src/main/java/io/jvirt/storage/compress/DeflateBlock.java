// SPDX-License-Identifier: Apache-2.0
package io.jvirt.storage.compress;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;
import java.util.Arrays;

/** Writes blocks of tokens in the shortest of the three ways of RFC 1951, 3.2.3: stored, fixed or dynamic codes. */
final class DeflateBlock {
    private static final VarHandle LONG = MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.LITTLE_ENDIAN);
    private static final int[] LENGTH_CODE_ORDER = {16, 17, 18, 0, 8, 7, 9, 6, 10, 5, 11, 4, 12, 3, 13, 2, 14, 1, 15};
    private static final int MAX_STORED = 0xffff;
    private static final byte[] FIXED_LITERALS = new byte[288];
    private static final byte[] FIXED_DISTANCES = new byte[DeflateMatcher.DISTANCE_SYMBOLS];

    static {
        Arrays.fill(FIXED_LITERALS, 0, 144, (byte) 8);
        Arrays.fill(FIXED_LITERALS, 144, 256, (byte) 9);
        Arrays.fill(FIXED_LITERALS, 256, 280, (byte) 7);
        Arrays.fill(FIXED_LITERALS, 280, 288, (byte) 8);
        Arrays.fill(FIXED_DISTANCES, (byte) 5);
    }

    private final HuffmanCode literals = new HuffmanCode(DeflateMatcher.LITERAL_SYMBOLS, 15);
    private final HuffmanCode distances = new HuffmanCode(DeflateMatcher.DISTANCE_SYMBOLS, 15);
    private final HuffmanCode lengthCodes = new HuffmanCode(19, 7);
    private final HuffmanCode fixedLiterals = new HuffmanCode(288, 9);
    private final HuffmanCode fixedDistances = new HuffmanCode(DeflateMatcher.DISTANCE_SYMBOLS, 5);
    private final int[] runSymbols = new int[DeflateMatcher.LITERAL_SYMBOLS + DeflateMatcher.DISTANCE_SYMBOLS];
    private final byte[] allLengths = new byte[runSymbols.length];
    private final int[] runCounts = new int[19];
    /** Code and bit count (code shifted left by 5) of each match length, its extra bits included. */
    private final int[] lengthWords = new int[256];

    private int runCount;

    private byte[] output = new byte[64];
    private int limitBytes;
    private int outputLength;
    private long accumulator;
    private int accumulatorBits;

    DeflateBlock() {
        fixedLiterals.set(FIXED_LITERALS);
        fixedDistances.set(FIXED_DISTANCES);
    }

    byte[] output() {
        return output;
    }

    void begin(int limit) {
        limitBytes = limit;
        if (output.length < limit + 16) {
            output = new byte[limit + 16];
        }
        outputLength = 0;
        accumulator = 0;
        accumulatorBits = 0;
    }

    /** Writes one block; false when the stream would outgrow the limit. */
    boolean write(DeflateMatcher matcher, byte[] input, int start, int end, boolean last) {
        literals.build(matcher.literalCounts);
        distances.build(matcher.distanceCounts);
        int literalCodes = usedCodes(literals.lengths, 257);
        int distanceCodes = usedCodes(distances.lengths, 1);
        int lengthCodeCount = buildLengthCodes(literalCodes, distanceCodes);
        long extraBits = extraBits(matcher);
        long dynamicBits = 3
                + 14
                + 3L * lengthCodeCount
                + headerBits()
                + codeBits(matcher.literalCounts, literals)
                + codeBits(matcher.distanceCounts, distances)
                + extraBits;
        long fixedBits = 3
                + codeBits(matcher.literalCounts, fixedLiterals)
                + codeBits(matcher.distanceCounts, fixedDistances)
                + extraBits;
        int storedLength = end - start;
        int storedBlocks = Math.max(1, (storedLength + MAX_STORED - 1) / MAX_STORED);
        long storedBits = 8L * storedLength + storedBlocks * (3L + 7 + 32);
        long bits = Math.min(Math.min(dynamicBits, fixedBits), storedBits);
        if (8L * outputLength + accumulatorBits + bits > 8L * limitBytes) {
            return false;
        }
        if (storedBits < Math.min(dynamicBits, fixedBits)) {
            writeStored(input, start, end, last);
        } else if (fixedBits <= dynamicBits) {
            put(last ? 0b011 : 0b010, 3);
            writeTokens(matcher, fixedLiterals, fixedDistances);
        } else {
            put(last ? 0b101 : 0b100, 3);
            writeCodes(literalCodes, distanceCodes, lengthCodeCount);
            writeTokens(matcher, literals, distances);
        }
        return true;
    }

    /** Pads the last byte; returns the stream's length. */
    int finish() {
        if (accumulatorBits > 0) {
            output[outputLength++] = (byte) accumulator;
            accumulatorBits = 0;
        }
        return outputLength;
    }

    private void writeStored(byte[] input, int start, int end, boolean last) {
        int at = start;
        do {
            int length = Math.min(MAX_STORED, end - at);
            put(last && at + length == end ? 1 : 0, 3);
            finish();
            accumulator = 0;
            output[outputLength] = (byte) length;
            output[outputLength + 1] = (byte) (length >>> 8);
            output[outputLength + 2] = (byte) ~length;
            output[outputLength + 3] = (byte) (~length >>> 8);
            System.arraycopy(input, at, output, outputLength + 4, length);
            outputLength += 4 + length;
            at += length;
        } while (at < end);
    }

    private void writeCodes(int literalCodes, int distanceCodes, int lengthCodeCount) {
        put(literalCodes - 257, 5);
        put(distanceCodes - 1, 5);
        put(lengthCodeCount - 4, 4);
        for (int i = 0; i < lengthCodeCount; i++) {
            put(lengthCodes.lengths[LENGTH_CODE_ORDER[i]], 3);
        }
        for (int i = 0; i < runCount; i++) {
            int symbol = runSymbols[i] & 31;
            put(lengthCodes.codes[symbol], lengthCodes.lengths[symbol]);
            if (symbol >= 16) {
                put(runSymbols[i] >>> 5, runExtraBits(symbol));
            }
        }
    }

    private void writeTokens(DeflateMatcher matcher, HuffmanCode literalCode, HuffmanCode distanceCode) {
        int[] codes = literalCode.codes;
        byte[] lengths = literalCode.lengths;
        for (int i = 0; i < 256; i++) {
            int symbol = DeflateMatcher.LENGTH_SYMBOL[i];
            int codeBits = lengths[symbol];
            int extra = i + 3 - lengthBase(symbol);
            lengthWords[i] = (extra << codeBits | codes[symbol]) << 5 | (codeBits + lengthExtraBits(symbol));
        }
        int[] distanceCodes = distanceCode.codes;
        byte[] distanceLengths = distanceCode.lengths;
        byte[] out = output;
        int at = outputLength;
        long bits = accumulator;
        int count = accumulatorBits;
        int[] tokens = matcher.tokens;
        int tokenCount = matcher.tokenCount;
        for (int i = 0; i < tokenCount; i++) {
            int token = tokens[i];
            int symbol = token & 511;
            if (symbol < 256) {
                bits |= (long) codes[symbol] << count;
                count += lengths[symbol];
            } else {
                int word = lengthWords[symbol - 256];
                bits |= (long) (word >>> 5) << count;
                count += word & 31;
                int distance = token >>> 9;
                int distanceSymbol = DeflateMatcher.distanceSymbol(distance);
                bits |= (long) distanceCodes[distanceSymbol] << count;
                count += distanceLengths[distanceSymbol];
                int extra = distanceExtraBits(distanceSymbol);
                bits |= (long) (distance - 1 & (1 << extra) - 1) << count;
                count += extra;
            }
            // At most 7 bits stay, and one token adds at most 48: the long never overflows.
            LONG.set(out, at, bits);
            int bytes = count >>> 3;
            at += bytes;
            bits >>>= bytes << 3;
            count &= 7;
        }
        outputLength = at;
        accumulator = bits;
        accumulatorBits = count;
        put(codes[DeflateMatcher.END_OF_BLOCK], lengths[DeflateMatcher.END_OF_BLOCK]);
    }

    private void put(int value, int bits) {
        accumulator |= (long) value << accumulatorBits;
        accumulatorBits += bits;
        while (accumulatorBits >= 8) {
            output[outputLength++] = (byte) accumulator;
            accumulator >>>= 8;
            accumulatorBits -= 8;
        }
    }

    /** Run-length codes both alphabets' lengths (RFC 1951, 3.2.7); returns how many length codes the header carries. */
    private int buildLengthCodes(int literalCodes, int distanceCodes) {
        System.arraycopy(literals.lengths, 0, allLengths, 0, literalCodes);
        System.arraycopy(distances.lengths, 0, allLengths, literalCodes, distanceCodes);
        int total = literalCodes + distanceCodes;
        Arrays.fill(runCounts, 0);
        runCount = 0;
        int at = 0;
        while (at < total) {
            int value = allLengths[at];
            int run = 1;
            while (at + run < total && allLengths[at + run] == value) {
                run++;
            }
            at += run;
            if (value == 0) {
                while (run >= 11) {
                    int part = Math.min(run, 138);
                    addRun(18, part - 11);
                    run -= part;
                }
                if (run >= 3) {
                    addRun(17, run - 3);
                    run = 0;
                }
            } else {
                addRun(value, 0);
                run--;
                while (run >= 3) {
                    int part = Math.min(run, 6);
                    addRun(16, part - 3);
                    run -= part;
                }
            }
            for (; run > 0; run--) {
                addRun(value, 0);
            }
        }
        lengthCodes.build(runCounts);
        int count = 19;
        while (count > 4 && lengthCodes.lengths[LENGTH_CODE_ORDER[count - 1]] == 0) {
            count--;
        }
        return count;
    }

    private void addRun(int symbol, int extra) {
        runSymbols[runCount++] = extra << 5 | symbol;
        runCounts[symbol]++;
    }

    private long headerBits() {
        long bits = 0;
        for (int symbol = 0; symbol < 19; symbol++) {
            bits += (long) runCounts[symbol] * (lengthCodes.lengths[symbol] + runExtraBits(symbol));
        }
        return bits;
    }

    private static int runExtraBits(int symbol) {
        return switch (symbol) {
            case 16 -> 2;
            case 17 -> 3;
            case 18 -> 7;
            default -> 0;
        };
    }

    private static int usedCodes(byte[] lengths, int atLeast) {
        int count = lengths.length;
        while (count > atLeast && lengths[count - 1] == 0) {
            count--;
        }
        return count;
    }

    private static long codeBits(int[] counts, HuffmanCode code) {
        long bits = 0;
        for (int symbol = 0; symbol < counts.length; symbol++) {
            bits += (long) counts[symbol] * code.lengths[symbol];
        }
        return bits;
    }

    private static long extraBits(DeflateMatcher matcher) {
        long bits = 0;
        for (int symbol = 257; symbol < DeflateMatcher.LITERAL_SYMBOLS; symbol++) {
            bits += (long) matcher.literalCounts[symbol] * lengthExtraBits(symbol);
        }
        for (int symbol = 0; symbol < DeflateMatcher.DISTANCE_SYMBOLS; symbol++) {
            bits += (long) matcher.distanceCounts[symbol] * distanceExtraBits(symbol);
        }
        return bits;
    }

    /** Extra bits of a length symbol, 257 to 285. */
    static int lengthExtraBits(int symbol) {
        return symbol < 265 || symbol == 285 ? 0 : (symbol - 261) >>> 2;
    }

    /** The shortest match of a length symbol. */
    static int lengthBase(int symbol) {
        if (symbol < 265) {
            return symbol - 254;
        }
        return symbol == 285 ? 258 : ((4 + (symbol - 265 & 3)) << lengthExtraBits(symbol)) + 3;
    }

    private static int distanceExtraBits(int symbol) {
        return symbol < 4 ? 0 : (symbol >>> 1) - 1;
    }
}
