// SPDX-License-Identifier: Apache-2.0
package io.jvirt.domain.transfer;

import io.jvirt.storage.DiskImage;
import io.jvirt.storage.DiskImages;
import io.jvirt.storage.ImageFormat;
import io.jvirt.storage.OpenPolicy;
import io.jvirt.storage.OpenRequest;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** What a guest sees of an image and its backing chain: a raw disk. */
public final class GuestPayload implements Payload {
    /** So much of the map is known at a time: extents take memory. */
    private static final long WINDOW_BYTES = 1L << 32;

    private final Path path;
    private final List<Path> files;
    private final DiskImage image;
    private final List<long[]> dataRuns = new ArrayList<>();
    private long windowStart;
    private long windowEnd;

    private GuestPayload(Path path, List<Path> files, DiskImage image) {
        this.path = path;
        this.files = List.copyOf(files);
        this.image = image;
    }

    /** @param files the image and all that it is based on */
    public static GuestPayload open(Path path, ImageFormat format, List<Path> files) throws IOException {
        OpenRequest request = OpenRequest.of(path).withFormat(format).withPolicy(OpenPolicy.everything());
        return new GuestPayload(path, files, DiskImages.open(request));
    }

    @Override
    public String name() {
        return path.toString();
    }

    @Override
    public long lengthBytes() {
        return image.sizeBytes();
    }

    @Override
    public long nextData(long offset) throws IOException {
        long at = offset;
        while (at < lengthBytes()) {
            load(at);
            for (long[] run : dataRuns) {
                if (run[1] > at) {
                    return Math.max(at, run[0]);
                }
            }
            at = windowEnd;
        }
        return lengthBytes();
    }

    @Override
    public long nextHole(long offset) throws IOException {
        if (offset >= lengthBytes()) {
            return lengthBytes();
        }
        load(offset);
        for (long[] run : dataRuns) {
            if (run[0] <= offset && offset < run[1]) {
                return run[1];
            }
        }
        return offset;
    }

    private void load(long offset) throws IOException {
        if (offset >= windowStart && offset < windowEnd) {
            return;
        }
        dataRuns.clear();
        windowStart = offset;
        windowEnd = Math.min(lengthBytes(), offset + WINDOW_BYTES);
        image.map(windowStart, windowEnd - windowStart, extent -> {
            if (extent.kind().readsAsZero()) {
                return;
            }
            long[] last = dataRuns.isEmpty() ? null : dataRuns.get(dataRuns.size() - 1);
            if (last != null && last[1] == extent.guestOffset()) {
                last[1] = extent.endOffset();
            } else {
                dataRuns.add(new long[] {extent.guestOffset(), extent.endOffset()});
            }
        });
    }

    @Override
    public void read(long offset, ByteBuffer target) throws IOException {
        long here = Math.max(0, Math.min(target.remaining(), lengthBytes() - offset));
        if (here > 0) {
            int limit = target.limit();
            target.limit(target.position() + (int) here);
            image.read(offset, target);
            target.limit(limit);
        }
        while (target.hasRemaining()) {
            target.put((byte) 0);
        }
    }

    @Override
    public String fingerprint() throws IOException {
        StringBuilder all = new StringBuilder();
        for (Path file : files) {
            all.append(Fingerprint.of(file)).append(' ');
        }
        return all.toString();
    }

    @Override
    public void close() throws IOException {
        image.close();
    }
}
