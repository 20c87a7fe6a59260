// SPDX-License-Identifier: Apache-2.0
package io.jvirt.storage.qcow2;

import static org.assertj.core.api.Assertions.assertThat;

import io.jvirt.storage.CreateRequest;
import io.jvirt.storage.DiskImages;
import io.jvirt.storage.ImageDescription;
import io.jvirt.storage.OpenRequest;
import io.jvirt.storage.Preallocation;
import io.jvirt.storage.QemuTools;
import io.jvirt.storage.qcow2.format.ClusterGeometry;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** New images over the product of versions, cluster sizes, refcount widths and preallocation, judged by qemu-img. */
@Tag("one-jdk")
class CreateMatrixTest {
    private static final long SIZE = (5L << 20) + 512;

    @TempDir
    Path directory;

    record Options(Qcow2Options qcow2, Preallocation preallocation, boolean dataFile) {}

    static Stream<Options> combinations() {
        return IntStream.rangeClosed(9, 21)
                .boxed()
                .flatMap(bits -> IntStream.rangeClosed(0, 6).boxed().flatMap(order -> {
                    Qcow2Options v3 =
                            Qcow2Options.defaults().withClusterBytes(1 << bits).withRefcountBits(1 << order);
                    Preallocation mode = Preallocation.values()[(bits + order) % 4];
                    Stream<Options> all = Stream.of(new Options(v3, mode, false));
                    if (order == 4) {
                        all = Stream.concat(
                                all,
                                Stream.of(
                                        new Options(v3.withVersion(2), Preallocation.OFF, false),
                                        new Options(v3.withVersion(2), Preallocation.METADATA, false),
                                        new Options(v3, Preallocation.METADATA, true),
                                        new Options(v3.withLazyRefcounts(true).withZstd(true), mode, false)));
                    }
                    if (bits >= 14) {
                        all = Stream.concat(all, Stream.of(new Options(v3.withExtendedL2(true), mode, order == 1)));
                    }
                    return all;
                }));
    }

    @ParameterizedTest
    @MethodSource("combinations")
    void isCleanToQemu(Options options) throws Exception {
        Path image = directory.resolve("x.qcow2");
        Qcow2Options qcow2 = options.qcow2();
        if (options.dataFile()) {
            qcow2 = qcow2.withDataFile(directory.resolve("x.data").toString(), false);
        }
        DiskImages.create(CreateRequest.qcow2(image, SIZE)
                .withPreallocation(options.preallocation())
                .withQcow2(qcow2));
        QemuTools.checkClean(image);
        ImageDescription description = DiskImages.describe(OpenRequest.of(image));
        assertThat(description.virtualSizeBytes()).isEqualTo(SIZE);
        ClusterGeometry geometry = description.qcow2().header().geometry();
        assertThat(geometry.clusterBytes()).isEqualTo(qcow2.clusterBytes());
        assertThat(geometry.refcountBits()).isEqualTo(qcow2.refcountBits());
        assertThat(QemuTools.ok("qemu-img", "info", "--output=json", image.toString()))
                .contains("\"virtual-size\": " + SIZE)
                .contains("\"cluster-size\": " + qcow2.clusterBytes());
        try (Stream<Path> left = Files.list(directory)) {
            assertThat(left.map(path -> path.getFileName().toString())).noneMatch(name -> name.endsWith(".partial"));
        }
    }

    @Test
    void preallocatedTebibyteIsClean() throws Exception {
        Path image = directory.resolve("big.qcow2");
        DiskImages.create(CreateRequest.qcow2(image, 1L << 40).withPreallocation(Preallocation.METADATA));
        QemuTools.checkClean(image);
    }

    @Test
    void defaultLayoutIsThatOfQemu() throws Exception {
        Path ours = directory.resolve("ours.qcow2");
        Path theirs = directory.resolve("theirs.qcow2");
        DiskImages.create(CreateRequest.qcow2(ours, 10L << 30));
        QemuTools.ok("qemu-img", "create", "-f", "qcow2", theirs.toString(), "10G");
        assertThat(Files.readAllBytes(ours)).isEqualTo(Files.readAllBytes(theirs));
    }
}
