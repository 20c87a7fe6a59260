// SPDX-License-Identifier: Apache-2.0
package io.jvirt.bench;

import io.jvirt.storage.compress.ClusterCodec;
import io.jvirt.storage.compress.CompressionType;
import io.jvirt.storage.copy.ZeroScan;
import io.jvirt.storage.qcow2.format.RefcountBlock;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;

/** What is done with the bytes of one cluster of 64 KiB. */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
public class ClusterBench {
    private static final int CLUSTER_BYTES = 64 << 10;
    private static final int REFCOUNT_ORDER = 4;

    @Param({"ZLIB", "ZSTD"})
    CompressionType compression = CompressionType.ZLIB;

    private final ByteBuffer zeros = ByteBuffer.allocateDirect(CLUSTER_BYTES).order(ByteOrder.nativeOrder());
    private final ByteBuffer text = ByteBuffer.allocateDirect(CLUSTER_BYTES).order(ByteOrder.nativeOrder());
    private final ByteBuffer packed = ByteBuffer.allocateDirect(2 * CLUSTER_BYTES);
    private final ByteBuffer unpacked = ByteBuffer.allocateDirect(CLUSTER_BYTES);
    private final ByteBuffer refcounts = ByteBuffer.allocate(CLUSTER_BYTES);
    private ClusterCodec codec = CompressionType.ZLIB.newCodec();

    /** Words from a small vocabulary, which compress to about a third, as program files do. */
    @Setup
    public void fill() throws IOException {
        Random random = new Random(1);
        byte[][] words = new byte[2000][];
        for (int i = 0; i < words.length; i++) {
            words[i] = new byte[2 + random.nextInt(10)];
            random.nextBytes(words[i]);
        }
        while (text.hasRemaining()) {
            byte[] word = words[(int) Math.min(words.length - 1, Math.abs(random.nextGaussian()) * 500)];
            text.put(word, 0, Math.min(word.length, text.remaining()));
        }
        text.flip();
        codec.close();
        codec = compression.newCodec();
        codec.compress(text.duplicate(), packed.clear());
        packed.flip();
    }

    @TearDown
    public void close() {
        codec.close();
    }

    @Benchmark
    public boolean zeroDetection() {
        return ZeroScan.isZero(zeros, 0, CLUSTER_BYTES);
    }

    @Benchmark
    public boolean compress() throws IOException {
        return codec.compress(text.duplicate(), unpackedRoom());
    }

    private final ByteBuffer room = ByteBuffer.allocateDirect(2 * CLUSTER_BYTES);

    private ByteBuffer unpackedRoom() {
        return room.clear();
    }

    @Benchmark
    public ByteBuffer decompress() throws IOException {
        codec.decompress(packed.duplicate(), unpacked.clear());
        return unpacked;
    }

    /** Counts a whole block of 32768 clusters up by one. */
    @Benchmark
    public ByteBuffer refcountUpdate() {
        int entries = CLUSTER_BYTES * 8 >> REFCOUNT_ORDER;
        for (int i = 0; i < entries; i++) {
            RefcountBlock.set(
                    refcounts, i, REFCOUNT_ORDER, (RefcountBlock.get(refcounts, i, REFCOUNT_ORDER) + 1) & 0xfff);
        }
        return refcounts;
    }
}
