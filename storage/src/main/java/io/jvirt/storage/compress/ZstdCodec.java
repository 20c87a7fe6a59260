// SPDX-License-Identifier: Apache-2.0
package io.jvirt.storage.compress;

import com.github.luben.zstd.Zstd;
import com.github.luben.zstd.ZstdCompressCtx;
import com.github.luben.zstd.ZstdDecompressCtx;
import com.github.luben.zstd.ZstdException;
import io.jvirt.storage.StorageException;
import io.jvirt.storage.file.PageBuffer;
import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/** zstd frames at the library's default level; contexts and direct buffers are kept between calls. */
final class ZstdCodec implements ClusterCodec {
    private @Nullable ZstdCompressCtx compressor;
    private @Nullable ZstdDecompressCtx decompressor;
    private ByteBuffer directInput = ByteBuffer.allocateDirect(0);
    private ByteBuffer directOutput = ByteBuffer.allocateDirect(0);

    @Override
    public boolean compress(ByteBuffer source, ByteBuffer target) {
        ZstdCompressCtx context = compressor;
        if (context == null) {
            context = new ZstdCompressCtx();
            context.setLevel(Zstd.defaultCompressionLevel());
            compressor = context;
        }
        ByteBuffer input = direct(source);
        int length = input.remaining();
        // The bound is needed for the library's fast path; what is larger than the target does not shrink.
        directOutput = grown(directOutput, (int) Zstd.compressBound(length));
        int compressed = context.compressDirectByteBuffer(
                directOutput, 0, directOutput.capacity(), input, input.position(), length);
        if (compressed > target.remaining()) {
            return false;
        }
        source.position(source.limit());
        target.put(directOutput.clear().limit(compressed));
        return true;
    }

    @Override
    public void decompress(ByteBuffer source, ByteBuffer target) throws StorageException {
        decode(source, target);
    }

    @Override
    public int streamBytes(ByteBuffer source, int clusterBytes) throws StorageException {
        return decode(source, PageBuffer.allocate(clusterBytes));
    }

    /** Fills the target; answers how many bytes of the source that took. */
    private int decode(ByteBuffer source, ByteBuffer target) throws StorageException {
        ZstdDecompressCtx context = decompressor;
        if (context == null) {
            context = new ZstdDecompressCtx();
            decompressor = context;
        }
        ByteBuffer input = direct(source);
        int start = input.position();
        boolean copyOut = !target.isDirect();
        ByteBuffer output = target;
        if (copyOut) {
            directOutput = grown(directOutput, target.remaining());
            output = directOutput.limit(target.remaining());
        }
        try {
            context.reset();
            boolean frameEnded = false;
            while (output.hasRemaining()) {
                int inputBefore = input.position();
                int outputBefore = output.position();
                frameEnded = context.decompressDirectByteBufferStream(output, input);
                if (input.position() == inputBefore && output.position() == outputBefore) {
                    throw new StorageException(
                            "the zstd stream ends " + output.remaining() + " bytes before the end of the cluster");
                }
            }
            if (!frameEnded) {
                // The cluster is full; the frame's checksum or end mark may still have to be read.
                frameEnded = context.decompressDirectByteBufferStream(output, input);
            }
            if (!frameEnded) {
                throw new StorageException("the zstd stream holds more than one cluster");
            }
        } catch (ZstdException e) {
            throw new StorageException("the zstd stream is damaged: " + e.getMessage(), null, e);
        }
        if (copyOut) {
            target.put(output.flip());
        }
        return input.position() - start;
    }

    private ByteBuffer direct(ByteBuffer source) {
        if (source.isDirect()) {
            return source.duplicate();
        }
        directInput = grown(directInput, source.remaining());
        directInput.put(source.duplicate());
        return directInput.flip();
    }

    private static ByteBuffer grown(ByteBuffer buffer, int length) {
        return buffer.capacity() >= length ? buffer.clear() : PageBuffer.allocate(length);
    }

    @Override
    public void close() {
        if (compressor != null) {
            compressor.close();
            compressor = null;
        }
        if (decompressor != null) {
            decompressor.close();
            decompressor = null;
        }
    }
}
