// SPDX-License-Identifier: Apache-2.0
package io.jvirt.cli.disk.stress;

import static org.assertj.core.api.Assertions.assertThat;

import io.jvirt.cli.disk.DiskMain;
import io.jvirt.storage.DiskImage;
import io.jvirt.storage.DiskImages;
import io.jvirt.storage.OpenRequest;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A legitimate image of a few MiB whose map has a million lines: it is answered whole, in little memory. */
class ManyExtentsTest {
    private static final long CLUSTER_BYTES = 65536;
    private static final int EXTENTS = 1 << 20;

    @TempDir
    Path directory;

    @Test
    void aMillionExtentsAreStreamed() throws Exception {
        Path image = alternating();
        assertThat(Files.size(image)).isLessThan(10 << 20);
        String child = ChildJvm.run(FuzzRun.class, List.of("--alone", "map", "--output", "json", image.toString()));
        assertThat(child).endsWith(" KiB\n0\n");
        // Line for line what the peer says.
        Path own = directory.resolve("own.json");
        try (PrintStream out = new PrintStream(Files.newOutputStream(own), false, StandardCharsets.UTF_8)) {
            assertThat(DiskMain.run("jvirt disk", new String[] {"map", "--output", "json", image.toString()}, out, out))
                    .isZero();
        }
        Process peer = new ProcessBuilder("qemu-img", "map", "--output", "json", image.toString())
                .redirectErrorStream(true)
                .start();
        int lines = 0;
        try (BufferedReader expected = peer.inputReader(StandardCharsets.UTF_8);
                BufferedReader actual = Files.newBufferedReader(own)) {
            for (String line = expected.readLine(); line != null; line = expected.readLine()) {
                assertThat(actual.readLine()).isEqualTo(line);
                lines++;
            }
            assertThat(actual.readLine()).isNull();
        }
        assertThat(peer.waitFor()).isZero();
        assertThat(lines).isEqualTo(EXTENTS);
    }

    /** Zeros that a guest wrote and places that it never wrote, in turn. */
    private Path alternating() throws IOException {
        Path image = directory.resolve("alternating.qcow2");
        String size = Long.toString(EXTENTS * CLUSTER_BYTES);
        String[] create = {"create", "-q", "-f", "qcow2", image.toString(), size};
        assertThat(DiskMain.run("jvirt disk", create, System.out, System.err)).isZero();
        try (DiskImage opened = DiskImages.open(OpenRequest.of(image).writable())) {
            for (long cluster = 0; cluster < EXTENTS; cluster += 2) {
                opened.markZero(cluster * CLUSTER_BYTES, CLUSTER_BYTES);
            }
            opened.flush();
        }
        return image;
    }
}
