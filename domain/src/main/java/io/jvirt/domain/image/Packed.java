// SPDX-License-Identifier: Apache-2.0
package io.jvirt.domain.image;

import io.jvirt.domain.Cancellation;
import io.jvirt.domain.JvirtException;
import java.io.BufferedInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Arrays;
import java.util.Locale;
import java.util.zip.GZIPInputStream;
import java.util.zip.ZipException;
import org.jspecify.annotations.Nullable;
import org.tukaani.xz.XZIOException;
import org.tukaani.xz.XZInputStream;

/** Packed files, known by their first bytes, and how gzip and xz are unpacked. */
enum Packed {
    GZIP("gzip", true, 0x1f, 0x8b),
    XZ("xz", true, 0xfd, '7', 'z', 'X', 'Z', 0),
    BZIP2("bzip2", false, 'B', 'Z', 'h'),
    ZSTD("zstd", false, 0x28, 0xb5, 0x2f, 0xfd),
    ZIP("zip", false, 'P', 'K', 3, 4),
    SEVEN_ZIP("7-Zip", false, '7', 'z', 0xbc, 0xaf);

    /** xz -9 needs 65 MiB. */
    private static final int XZ_MEMORY_KIB = 512 << 10;

    private static final int BLOCK_BYTES = 1 << 16;
    private static final int TAR_MAGIC_AT = 257;

    private final String shown;
    private final boolean isUnpacked;
    private final String magic;

    Packed(String shown, boolean isUnpacked, int... magic) {
        this.shown = shown;
        this.isUnpacked = isUnpacked;
        this.magic = new String(magic, 0, magic.length);
    }

    /** How a file is packed, or null. */
    static @Nullable Packed of(Path file) throws IOException {
        String start;
        try (InputStream in = Files.newInputStream(file)) {
            start = new String(in.readNBytes(8), StandardCharsets.ISO_8859_1);
        }
        for (Packed each : values()) {
            if (start.startsWith(each.magic)) {
                return each;
            }
        }
        return null;
    }

    /** The name without the ending. */
    static String unpackedName(String name) {
        String lower = name.toLowerCase(Locale.ROOT);
        for (String ending : new String[] {".gz", ".xz", ".gzip"}) {
            if (lower.endsWith(ending) && lower.length() > ending.length()) {
                return name.substring(0, name.length() - ending.length());
            }
        }
        return name + ".unpacked";
    }

    /** Unpacks into a new file, synced, with holes for zeros. What it left is removed after a failure. */
    void unpack(Path from, Path to, String name, ImageListener listener, Cancellation cancellation) throws IOException {
        if (!isUnpacked) {
            throw JvirtException.failed(
                    name + " is packed with " + shown + ", which jvirt does not unpack",
                    "unpack it first, then --image FILE");
        }
        boolean done = false;
        try (CountingStream packed = new CountingStream(Files.newInputStream(from));
                InputStream in = unpacking(packed);
                FileChannel out = FileChannel.open(to, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE)) {
            copy(in, packed, Files.size(from), out, name, listener, cancellation);
            done = true;
        } catch (XZIOException | ZipException | EOFException e) {
            throw new JvirtException(
                    JvirtException.Kind.FAILED,
                    name + " is damaged, its " + shown + " data ends or changes in the middle"
                            + (e.getMessage() == null ? "" : ": " + e.getMessage()),
                    "is the file at its source whole? a checksum tells: --checksum or --checksum-file",
                    e);
        } finally {
            if (!done) {
                Files.deleteIfExists(to);
            }
        }
    }

    private InputStream unpacking(InputStream packed) throws IOException {
        InputStream buffered = new BufferedInputStream(packed, BLOCK_BYTES);
        return this == XZ ? new XZInputStream(buffered, XZ_MEMORY_KIB) : new GZIPInputStream(buffered, BLOCK_BYTES);
    }

    private static void copy(
            InputStream in,
            CountingStream packed,
            long packedBytes,
            FileChannel out,
            String name,
            ImageListener listener,
            Cancellation cancellation)
            throws IOException {
        byte[] zeros = new byte[BLOCK_BYTES];
        byte[] block = new byte[BLOCK_BYTES];
        long at = 0;
        for (int n = in.readNBytes(block, 0, BLOCK_BYTES); n > 0; n = in.readNBytes(block, 0, BLOCK_BYTES)) {
            if (at == 0) {
                refuseArchive(block, n, name);
            }
            if (!Arrays.equals(block, 0, n, zeros, 0, n)) {
                ByteBuffer data = ByteBuffer.wrap(block, 0, n);
                for (long position = at; data.hasRemaining(); ) {
                    position += out.write(data, position);
                }
            } else if (n < BLOCK_BYTES || out.size() < at + n) {
                // The last byte makes the size; those before it stay a hole.
                out.write(ByteBuffer.wrap(zeros, 0, 1), at + n - 1);
            }
            at += n;
            listener.progress("unpack " + name, packed.count, packedBytes);
            cancellation.check();
        }
        out.force(true);
    }

    private static void refuseArchive(byte[] block, int length, String name) {
        boolean tar = length > TAR_MAGIC_AT + 5
                && new String(block, TAR_MAGIC_AT, 5, StandardCharsets.US_ASCII).equals("ustar");
        if (tar) {
            throw JvirtException.failed(
                    name + " is an archive (tar) and no image", "unpack it first, then --image with the disk in it");
        }
    }

    private static final class CountingStream extends java.io.FilterInputStream {
        private long count;

        CountingStream(InputStream in) {
            super(in);
        }

        @Override
        public int read(byte[] buffer, int offset, int length) throws IOException {
            int n = super.read(buffer, offset, length);
            count += Math.max(0, n);
            return n;
        }
    }
}
