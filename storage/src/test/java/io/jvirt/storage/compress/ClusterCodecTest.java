// SPDX-License-Identifier: Apache-2.0
package io.jvirt.storage.compress;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.jvirt.storage.StorageException;
import java.io.DataOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class ClusterCodecTest {
    private static final int[] SIZES = {512, 1024, 4096, 65536, 1 << 20, 2 << 20};

    @TempDir
    Path directory;

    @ParameterizedTest
    @EnumSource(CompressionType.class)
    void everySampleComesBackThroughHeapAndDirectBuffers(CompressionType type) throws IOException {
        try (ClusterCodec codec = type.newCodec()) {
            for (int size : SIZES) {
                for (byte[] sample : SampleData.samples(size)) {
                    roundTrip(codec, ByteBuffer.wrap(sample), ByteBuffer.allocate(size), ByteBuffer.allocate(size));
                    ByteBuffer direct =
                            ByteBuffer.allocateDirect(size).put(sample).flip();
                    roundTrip(codec, direct, ByteBuffer.allocateDirect(size), ByteBuffer.allocateDirect(size));
                }
            }
        }
    }

    private static void roundTrip(ClusterCodec codec, ByteBuffer source, ByteBuffer packed, ByteBuffer unpacked)
            throws StorageException {
        int size = source.remaining();
        packed.limit(size - 1);
        if (!codec.compress(source, packed)) {
            assertThat(source.position()).isZero();
            assertThat(packed.position()).isZero();
            return;
        }
        assertThat(source.hasRemaining()).isFalse();
        int length = packed.position();
        // What follows the stream in its last sector belongs to another cluster.
        while (packed.hasRemaining()) {
            packed.put((byte) 0xa5);
        }
        assertThat(codec.streamBytes(packed.flip(), size)).isEqualTo(length);
        assertThatThrownBy(() -> codec.streamBytes(packed, size / 2)).isInstanceOf(StorageException.class);
        assertThatThrownBy(() -> codec.streamBytes(packed.duplicate().limit(length - 1), size))
                .isInstanceOf(StorageException.class);
        codec.decompress(packed, unpacked);
        assertThat(unpacked.flip()).isEqualTo(source.rewind());
    }

    @ParameterizedTest
    @EnumSource(CompressionType.class)
    void randomDataDoesNotShrink(CompressionType type) {
        byte[] bytes = new byte[65536];
        new Random(SampleData.SEED).nextBytes(bytes);
        try (ClusterCodec codec = type.newCodec()) {
            assertThat(codec.compress(ByteBuffer.wrap(bytes), ByteBuffer.allocate(65535)))
                    .isFalse();
            assertThat(codec.compress(ByteBuffer.allocate(65536), ByteBuffer.allocate(65535)))
                    .isTrue();
        }
    }

    @ParameterizedTest
    @EnumSource(CompressionType.class)
    void damagedAndShortStreamsAreErrors(CompressionType type) throws IOException {
        try (ClusterCodec codec = type.newCodec()) {
            ByteBuffer packed = ByteBuffer.allocate(4096);
            assertThat(codec.compress(ByteBuffer.wrap(SampleData.samples(4096).get(3)), packed))
                    .isTrue();
            packed.flip();
            ByteBuffer cut = packed.duplicate().limit(packed.limit() / 2);
            assertThatThrownBy(() -> codec.decompress(cut, ByteBuffer.allocate(4096)))
                    .isInstanceOf(StorageException.class)
                    .hasMessageContaining("before the end of the cluster");
            byte[] noise = new byte[512];
            Arrays.fill(noise, (byte) 0xff);
            assertThatThrownBy(() -> codec.decompress(ByteBuffer.wrap(noise), ByteBuffer.allocate(4096)))
                    .isInstanceOf(StorageException.class)
                    .hasMessageContaining("stream is damaged");
            // The codec still works afterwards.
            ByteBuffer unpacked = ByteBuffer.allocate(4096);
            codec.decompress(packed, unpacked);
            assertThat(unpacked.hasRemaining()).isFalse();
        }
    }

    @Test
    void zlibReadsEveryStreamWithA4KiBWindowAndMakesItHardlySmaller() throws Exception {
        Path file = directory.resolve("streams");
        try (ClusterCodec codec = CompressionType.ZLIB.newCodec();
                DataOutputStream out = new DataOutputStream(Files.newOutputStream(file))) {
            for (int size : SIZES) {
                for (byte[] sample : SampleData.samples(size)) {
                    writeStream(codec, sample, false, out);
                }
            }
            for (int i = 0; i < 100; i++) {
                writeStream(codec, SampleData.program(65536, i * 65536), true, out);
            }
        }
        String script = """
                import struct, sys, zlib
                data = open(sys.argv[1], 'rb').read()
                at = ours = theirs = count = 0
                while at < len(data):
                    size, packed, compared = struct.unpack('>III', data[at:at+12])
                    at += 12
                    raw = data[at:at+size]
                    stream = data[at+size:at+size+packed]
                    at += size + packed
                    # Fed in small pieces, so that only the 4 KiB window is there to copy from.
                    d = zlib.decompressobj(-12)
                    out = bytearray()
                    for i in range(0, packed, 64):
                        piece = d.unconsumed_tail + stream[i:i+64]
                        while True:
                            got = d.decompress(piece, 512)
                            out += got
                            piece = d.unconsumed_tail
                            if not piece and len(got) < 512: break
                    assert bytes(out) == raw and d.eof, (count, size)
                    if compared:
                        c = zlib.compressobj(-1, zlib.DEFLATED, -12, 9)
                        theirs += len(c.compress(raw) + c.flush())
                        ours += packed
                    count += 1
                print(count, ours, theirs)
                """;
        Process python = new ProcessBuilder("python3", "-c", script, file.toString())
                .redirectErrorStream(true)
                .start();
        String answer = new String(python.getInputStream().readAllBytes(), StandardCharsets.UTF_8).strip();
        assertThat(python.waitFor()).as(answer).isZero();
        String[] numbers = answer.split(" ");
        assertThat(Integer.parseInt(numbers[0])).isGreaterThan(120);
        assertThat(Long.parseLong(numbers[1])).isLessThan((long) (Long.parseLong(numbers[2]) * 1.015));
    }

    private static void writeStream(ClusterCodec codec, byte[] sample, boolean compared, DataOutputStream out)
            throws IOException {
        ByteBuffer packed = ByteBuffer.allocate(sample.length + sample.length / 8 + 100);
        assertThat(codec.compress(ByteBuffer.wrap(sample), packed)).isTrue();
        packed.flip();
        out.writeInt(sample.length);
        out.writeInt(packed.remaining());
        out.writeInt(compared ? 1 : 0);
        out.write(sample);
        out.write(packed.array(), 0, packed.remaining());
    }
}
