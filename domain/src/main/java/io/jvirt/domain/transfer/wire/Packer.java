// SPDX-License-Identifier: Apache-2.0
package io.jvirt.domain.transfer.wire;

import com.github.luben.zstd.Zstd;
import com.github.luben.zstd.ZstdCompressCtx;
import io.jvirt.domain.transfer.wire.Chunk.Part;
import io.jvirt.storage.copy.ZeroScan;
import io.jvirt.storage.file.PageBuffer;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Cuts out what is not zero, and compresses it where that is wanted; on any thread. */
final class Packer {
    /** Shorter runs of zeros are not worth a message. */
    private static final int ZERO_BYTES = 4096;

    private static final int LEVEL = 1;

    private final Pressure pressure;
    private final ThreadLocal<ZstdCompressCtx> context = ThreadLocal.withInitial(() -> {
        ZstdCompressCtx made = new ZstdCompressCtx();
        made.setLevel(LEVEL);
        return made;
    });

    private final ThreadLocal<ByteBuffer> scratch =
            ThreadLocal.withInitial(() -> PageBuffer.allocate((int) Zstd.compressBound(Frame.MOST_DATA_BYTES)));

    Packer(Pressure pressure) {
        this.pressure = pressure;
    }

    List<Part> parts(ByteBuffer data, int length, byte[] @Nullable [] hashes) {
        List<Part> parts = new ArrayList<>();
        int start = -1;
        for (int at = 0; at < length; at += ZERO_BYTES) {
            int unit = Math.min(ZERO_BYTES, length - at);
            boolean zero = hashes[at / BlockHashes.BLOCK_BYTES] == null || ZeroScan.isZero(data, at, unit);
            if (zero && start >= 0) {
                parts.add(part(data, start, at));
                start = -1;
            } else if (!zero && start < 0) {
                start = at;
            }
        }
        if (start >= 0) {
            parts.add(part(data, start, length));
        }
        return parts;
    }

    Part part(ByteBuffer data, int from, int to) {
        int length = to - from;
        if (!pressure.isOn()) {
            return new Part(from, length, null);
        }
        ByteBuffer made = scratch.get().clear();
        int got = context.get().compressDirectByteBuffer(made, 0, made.capacity(), data, from, length);
        return new Part(from, length, got < length - length / 16 ? copy(made, got) : null);
    }

    private static ByteBuffer copy(ByteBuffer made, int length) {
        return ByteBuffer.allocate(length).put(0, made, 0, length);
    }
}
