// SPDX-License-Identifier: Apache-2.0
package io.jvirt.bench;

import io.jvirt.storage.DiskImage;
import io.jvirt.storage.DiskImages;
import io.jvirt.storage.ImageFormat;
import io.jvirt.storage.OpenRequest;
import io.jvirt.storage.copy.CopyProgress;
import io.jvirt.storage.copy.CopySettings;
import io.jvirt.storage.copy.ImageCopies;
import io.jvirt.storage.copy.ImageDigest;
import io.jvirt.storage.file.HostFile;
import io.jvirt.storage.qcow2.Qcow2Options;
import io.jvirt.storage.raw.RawImage;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Objects;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;

/** What is done with an image of 64 MiB: a look-up of one cluster, a read of one sector, a digest of all of it. */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
public class ImageBench {
    private static final int DISK_BYTES = 64 << 20;
    private static final int CLUSTER_BYTES = 64 << 10;

    private final Random random = new Random(5);
    private final ByteBuffer sector = ByteBuffer.allocateDirect(512);
    private Path folder = Path.of(".");
    private @Nullable DiskImage image;

    @Setup
    public void make() throws IOException {
        folder = Files.createTempDirectory("jvirt-jmh");
        byte[] content = new byte[DISK_BYTES];
        random.nextBytes(content);
        Path raw = Files.write(folder.resolve("disk.raw"), content);
        Path qcow2 = folder.resolve("disk.qcow2");
        try (RawImage source = new RawImage(HostFile.open(raw, true));
                HostFile target = HostFile.createNew(qcow2)) {
            ImageCopies.toNewQcow2(source, DISK_BYTES, target, Qcow2Options.defaults(), null, CopySettings.standard());
        }
        image = DiskImages.open(OpenRequest.of(qcow2).withFormat(ImageFormat.QCOW2));
    }

    private DiskImage image() {
        return Objects.requireNonNull(image);
    }

    @TearDown
    public void remove() throws IOException {
        image().close();
        Files.delete(folder.resolve("disk.raw"));
        Files.delete(folder.resolve("disk.qcow2"));
        Files.delete(folder);
    }

    @Benchmark
    public long lookUp() throws IOException {
        long[] found = new long[1];
        long cluster = random.nextInt(DISK_BYTES / CLUSTER_BYTES);
        image().map(cluster * CLUSTER_BYTES, CLUSTER_BYTES, extent -> found[0] = extent.hostOffset());
        return found[0];
    }

    @Benchmark
    public ByteBuffer readSector() throws IOException {
        image().read((long) random.nextInt(DISK_BYTES / 512) * 512, sector.clear());
        return sector;
    }

    @Benchmark
    public Object digest() throws IOException {
        return ImageDigest.of(image(), 1, CopyProgress.NONE);
    }
}
