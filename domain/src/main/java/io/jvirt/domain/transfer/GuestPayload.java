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
import java.util.List;

/** What a guest sees of an image and its backing chain: a raw disk. */
public final class GuestPayload implements Payload {
    private final Path path;
    private final List<Path> files;
    private final DiskImage image;
    private final GuestRuns runs;

    private GuestPayload(Path path, List<Path> files, DiskImage image) {
        this.path = path;
        this.files = List.copyOf(files);
        this.image = image;
        this.runs = new GuestRuns(image);
    }

    /** @param files the image and all that it is based on */
    public static GuestPayload open(Path path, ImageFormat format, List<Path> files) throws IOException {
        OpenRequest request = OpenRequest.of(path).withFormat(format).withPolicy(OpenPolicy.everything());
        return new GuestPayload(path, files, DiskImages.open(request));
    }

    /** The same without a lock. */
    public static GuestPayload look(Path path, ImageFormat format, List<Path> files) throws IOException {
        OpenRequest request = OpenRequest.of(path)
                .withFormat(format)
                .withPolicy(OpenPolicy.everything())
                .forceShare();
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
        return runs.nextData(offset);
    }

    @Override
    public long nextHole(long offset) throws IOException {
        return runs.nextHole(offset);
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
