// SPDX-License-Identifier: Apache-2.0
package io.jvirt.storage.compress;

import io.jvirt.storage.StorageException;
import java.nio.ByteBuffer;
import java.util.zip.DataFormatException;
import java.util.zip.Inflater;
import org.jspecify.annotations.Nullable;

/**
 * Raw deflate (RFC 1951, no zlib header) with a window of 4 KiB. Writing uses {@link DeflateEncoder}, because
 * {@code java.util.zip} cannot limit the window and readers with a 12-bit window must decode the stream.
 */
final class ZlibCodec implements ClusterCodec {
    private @Nullable DeflateEncoder encoder;
    private @Nullable Inflater inflater;
    private byte[] scratch = new byte[0];

    @Override
    public boolean compress(ByteBuffer source, ByteBuffer target) {
        DeflateEncoder deflate = encoder;
        if (deflate == null) {
            deflate = new DeflateEncoder();
            encoder = deflate;
        }
        int length = source.remaining();
        byte[] input;
        int offset;
        if (source.hasArray()) {
            input = source.array();
            offset = source.arrayOffset() + source.position();
        } else {
            if (scratch.length < length) {
                scratch = new byte[length];
            }
            source.get(source.position(), scratch, 0, length);
            input = scratch;
            offset = 0;
        }
        int compressed = deflate.encode(input, offset, length, target.remaining());
        if (compressed < 0) {
            return false;
        }
        source.position(source.limit());
        target.put(deflate.output(), 0, compressed);
        return true;
    }

    @Override
    public void decompress(ByteBuffer source, ByteBuffer target) throws StorageException {
        Inflater inflate = begin(source);
        try {
            while (target.hasRemaining()) {
                if (inflate.inflate(target) == 0) {
                    throw new StorageException(
                            "the deflate stream ends " + target.remaining() + " bytes before the end of the cluster");
                }
            }
        } catch (DataFormatException e) {
            throw new StorageException("the deflate stream is damaged: " + e.getMessage(), null, e);
        } finally {
            inflate.setInput(EMPTY);
        }
    }

    @Override
    public int streamBytes(ByteBuffer source, int clusterBytes) throws StorageException {
        Inflater inflate = begin(source.duplicate());
        // With a byte more than a cluster the end mark is read, too, and a longer stream is seen.
        ByteBuffer target = ByteBuffer.allocate(clusterBytes + 1);
        try {
            while (!inflate.finished()) {
                if (inflate.inflate(target) == 0 && !inflate.finished()) {
                    throw new StorageException("the deflate stream does not end within the cluster");
                }
            }
            if (target.position() != clusterBytes) {
                throw new StorageException("the deflate stream holds " + target.position() + " bytes");
            }
            return (int) inflate.getBytesRead();
        } catch (DataFormatException e) {
            throw new StorageException("the deflate stream is damaged: " + e.getMessage(), null, e);
        } finally {
            inflate.setInput(EMPTY);
        }
    }

    private Inflater begin(ByteBuffer source) {
        Inflater inflate = inflater;
        if (inflate == null) {
            inflate = new Inflater(true);
            inflater = inflate;
        }
        inflate.reset();
        inflate.setInput(source);
        return inflate;
    }

    private static final byte[] EMPTY = new byte[0];

    @Override
    public void close() {
        if (inflater != null) {
            inflater.end();
            inflater = null;
        }
        encoder = null;
    }
}
