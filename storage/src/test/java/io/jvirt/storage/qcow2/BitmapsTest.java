// SPDX-License-Identifier: Apache-2.0
package io.jvirt.storage.qcow2;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.jvirt.storage.DiskImages;
import io.jvirt.storage.OpenRequest;
import io.jvirt.storage.Qemu;
import io.jvirt.storage.StorageException;
import io.jvirt.storage.qcow2.format.BitmapEntry;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class BitmapsTest {
    private static final Pattern EXTENT =
            Pattern.compile("\"start\": (\\d+), \"length\": (\\d+),.*?\"data\": (true|false)");

    @TempDir
    Path directory;

    private Path path;

    @BeforeEach
    void nameImage() {
        path = directory.resolve("image.qcow2");
    }

    private Qcow2Image open() throws IOException {
        return (Qcow2Image) DiskImages.open(OpenRequest.of(path).writable());
    }

    private void create(String options, String size) throws IOException {
        Qemu.ok(directory, "qemu-img", "create", "-q", "-f", "qcow2", "-o", options, path.toString(), size);
    }

    private void assertClean() throws IOException {
        assertThat(Qemu.run(directory, "qemu-img", "check", path.toString()).output())
                .contains("No errors were found");
    }

    /** What QEMU exports as dirty: "offset+length" of each run. */
    private List<String> dirty(String bitmap) throws Exception {
        Path socket = directory.resolve("socket");
        Process server = new ProcessBuilder(
                        "qemu-nbd", "-r", "-f", "qcow2", "--bitmap=" + bitmap, "--socket=" + socket, path.toString())
                .inheritIO()
                .start();
        Qemu.awaitListening(server, socket);
        String map = Qemu.ok(
                directory,
                "qemu-img",
                "map",
                "--output=json",
                "--image-opts",
                "driver=nbd,server.type=unix,server.path=" + socket + ",x-dirty-bitmap=qemu:dirty-bitmap:" + bitmap);
        server.destroy();
        server.waitFor();
        Files.deleteIfExists(socket);
        List<String> runs = new ArrayList<>();
        Matcher extent = EXTENT.matcher(map);
        while (extent.find()) {
            if (extent.group(3).equals("false")) {
                runs.add(extent.group(1) + "+" + extent.group(2));
            }
        }
        return runs;
    }

    @ParameterizedTest
    @ValueSource(strings = {"cluster_size=64k", "cluster_size=512", "extended_l2=on", "cluster_size=2M"})
    void bothSidesRecordInOneBitmap(String options) throws Exception {
        create(options, "64M");
        Qemu.ok(directory, "qemu-img", "bitmap", "--add", "-g", "65536", path.toString(), "theirs");
        Qemu.io(directory, List.of("-f", "qcow2", path.toString()), "write 1M 64k");
        try (Qcow2Image image = open()) {
            image.bitmaps().add("ours", 65536, true);
            image.write((4 << 20) + 100, ByteBuffer.allocate(10));
            image.zero(10 << 20, 1 << 20, true);
        }
        assertClean();
        assertThat(dirty("theirs")).containsExactly("1048576+65536", "4194304+65536", "10485760+1048576");
        Qemu.io(directory, List.of("-f", "qcow2", path.toString()), "write 63M 1M");
        Qemu.ok(directory, "qemu-img", "bitmap", "--disable", path.toString(), "ours");
        try (Qcow2Image image = open()) {
            image.write(2 << 20, ByteBuffer.allocate(65536));
            assertThat(image.bitmaps().list())
                    .extracting(BitmapEntry::name, BitmapEntry::isAuto)
                    .containsExactly(
                            org.assertj.core.groups.Tuple.tuple("theirs", true),
                            org.assertj.core.groups.Tuple.tuple("ours", false));
        }
        assertClean();
        assertThat(dirty("ours")).containsExactly("4194304+65536", "10485760+1048576", "66060288+1048576");
        try (Qcow2Image image = open()) {
            image.bitmaps().add("both", 131072, false);
            image.bitmaps().merge("both", image, "theirs");
            image.bitmaps().clear("theirs");
            image.bitmaps().remove("ours");
            image.bitmaps().disable("theirs");
        }
        assertClean();
        assertThat(dirty("both"))
                .containsExactly(
                        "1048576+131072", "2097152+131072", "4194304+131072", "10485760+1048576", "66060288+1048576");
        assertThat(dirty("theirs")).isEmpty();
        try (Qcow2Image image = open()) {
            image.bitmaps().enable("theirs");
            image.resize(128L << 20);
            image.write(127 << 20, ByteBuffer.allocate(100));
        }
        assertClean();
        assertThat(dirty("theirs")).containsExactly("133169152+65536");
        try (Qcow2Image image = open()) {
            image.bitmaps().remove("theirs");
            image.bitmaps().remove("both");
        }
        assertClean();
        assertThat(Qemu.ok(directory, "qemu-img", "info", path.toString())).doesNotContain("bitmaps");
    }

    @Test
    void aCrashLeavesABitmapThatNobodyTrusts() throws Exception {
        create("cluster_size=64k", "8M");
        Qemu.ok(directory, "qemu-img", "bitmap", "--add", path.toString(), "b");
        Path crashed = directory.resolve("crashed");
        try (Qcow2Image image = open()) {
            image.write(0, ByteBuffer.allocate(65536));
            image.flush();
            Files.copy(path, crashed);
        }
        assertThat(dirty("b")).containsExactly("0+65536");
        Files.copy(crashed, path, StandardCopyOption.REPLACE_EXISTING);
        assertThat(Qemu.ok(directory, "qemu-img", "info", path.toString())).contains("in-use");
        try (Qcow2Image image = open()) {
            assertThatThrownBy(() -> image.bitmaps().clear("b"))
                    .isInstanceOf(StorageException.class)
                    .hasMessage("Bitmap 'b' is inconsistent and cannot be used");
            image.bitmaps().remove("b");
        }
        assertClean();
    }

    @Test
    void refusalsSayWhatQemuSays() throws IOException {
        create("cluster_size=64k", "8M");
        try (Qcow2Image image = open()) {
            Bitmaps bitmaps = image.bitmaps();
            bitmaps.add("b", 0, true);
            assertThat(bitmaps.list().get(0).granularityBits()).isEqualTo(16);
            assertThatThrownBy(() -> bitmaps.add("b", 0, true)).hasMessage("Bitmap already exists: b");
            assertThatThrownBy(() -> bitmaps.add("c", 100, true))
                    .hasMessage("Granularity must be power of 2 and at least 512");
            assertThatThrownBy(() -> bitmaps.add("c", 1L << 32, true))
                    .hasMessage("Granularity must be power of 2 and at least 512");
            assertThatThrownBy(() -> bitmaps.add("x".repeat(1024), 0, true))
                    .hasMessageStartingWith("Bitmap name too long: x");
            assertThatThrownBy(() -> bitmaps.remove("zz")).hasMessage("Dirty bitmap 'zz' not found");
            assertThatThrownBy(() -> bitmaps.merge("b", image, "zz")).hasMessage("Dirty bitmap 'zz' not found");
            image.snapshots().create("s", java.time.Instant.EPOCH);
            assertThatThrownBy(() ->
                            image.snapshots().apply(image.snapshots().list().get(0)))
                    .hasMessage("Device has active dirty bitmaps");
        }
        assertClean();
        create("compat=0.10", "8M");
        try (Qcow2Image image = open()) {
            assertThatThrownBy(() -> image.bitmaps().add("b", 0, true))
                    .hasMessage("Cannot store dirty bitmaps in qcow2 v2 files");
        }
    }

    /** With 64 refcounts in a block and as many blocks in the table's first cluster, it grows at 2 MiB of file. */
    @Test
    void aRefcountTableThatGrowsMeanwhileIsNamed() throws Exception {
        create("cluster_size=512,refcount_bits=64", "4M");
        long end = 2 << 20;
        try (Qcow2Image image = open()) {
            ByteBuffer block = ByteBuffer.allocate(512);
            for (long at = 0; Files.size(path) < end - (64 << 10); at += 512) {
                image.write(at, block.clear().put(0, (byte) 1));
                if (at % (32 << 10) == 0) {
                    image.flush();
                }
            }
        }
        for (int i = 0; Files.size(path) < end + (8 << 10); i++) {
            try (Qcow2Image image = open()) {
                image.bitmaps().add("bitmap " + i, 512, true);
            }
            assertClean();
        }
    }
}
