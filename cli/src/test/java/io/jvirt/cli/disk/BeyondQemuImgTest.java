// SPDX-License-Identifier: Apache-2.0
package io.jvirt.cli.disk;

import static org.assertj.core.api.Assertions.assertThat;

import java.awt.image.BufferedImage;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.concurrent.FutureTask;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What {@code jvirt disk} has beyond qemu-img, and what it says of what it does not have. */
class BeyondQemuImgTest {
    private static final int MIB = 1 << 20;

    @TempDir
    Path temp;

    private final ByteArrayOutputStream out = new ByteArrayOutputStream();
    private final ByteArrayOutputStream err = new ByteArrayOutputStream();
    private Path raw;
    private Path qcow2;

    @BeforeEach
    void anImageInTwoFormats() throws IOException {
        raw = temp.resolve("disk.raw");
        qcow2 = temp.resolve("disk.qcow2");
        byte[] bytes = new byte[3 * MIB + 512];
        new Random(7).nextBytes(bytes);
        Arrays.fill(bytes, MIB, 2 * MIB, (byte) 0);
        Files.write(raw, bytes);
        assertThat(run("convert", "-f", "raw", "-O", "qcow2", raw.toString(), qcow2.toString()))
                .isZero();
    }

    @Test
    void digestIsTheSameInEachFormat() {
        assertThat(run("digest", raw.toString())).isZero();
        String ofRaw = out.toString(StandardCharsets.UTF_8).split("\\s+")[0];
        assertThat(run("digest", qcow2.toString())).isZero();
        assertThat(out.toString(StandardCharsets.UTF_8)).startsWith(ofRaw);
        assertThat(ofRaw).hasSizeGreaterThan(32);
    }

    @Test
    void anImageIsNotItsOwnDataFile() {
        String image = temp.resolve("new").toString();
        assertThat(run("create", "-f", "qcow2", "-o", "data_file=" + temp + "/./new", image, "1M"))
                .isEqualTo(1);
        assertThat(err.toString(StandardCharsets.UTF_8)).contains("would be the image itself");
        assertThat(Path.of(image)).doesNotExist();
    }

    @Test
    void whatCompareDoesNotDoIsNoDifference() {
        String nested = "driver=raw,file.driver=qcow2,file.file.filename=" + qcow2;
        assertThat(run("compare", "--image-opts", nested, "file.filename=" + qcow2))
                .isEqualTo(2);
        assertThat(err.toString(StandardCharsets.UTF_8)).contains("not supported by this version of jvirt");
    }

    @Test
    void moreSnapshotsThanAnAnswerHoldsAreRefused() throws IOException {
        int count = 65536;
        int fields = 60;
        long table = 16 * MIB;
        try (FileChannel file = FileChannel.open(qcow2, StandardOpenOption.WRITE)) {
            file.write(ByteBuffer.allocate(12).putInt(count).putLong(table).flip(), fields);
            file.write(ByteBuffer.allocate(1), table + count * 40L);
        }
        for (List<String> verb :
                List.of(List.of("snapshot", "-l"), List.of("info"), List.of("info", "--output=json"))) {
            List<String> line = new ArrayList<>(verb);
            line.add(qcow2.toString());
            err.reset();
            out.reset();
            assertThat(run(line.toArray(new String[0]))).isOne();
            assertThat(err.toString(StandardCharsets.UTF_8)).contains("the answer would be longer than");
            assertThat(out.size()).isLessThanOrEqualTo(MIB);
        }
    }

    @Test
    void infoSaysThatARawFileHoldsLuks2() throws IOException {
        byte[] header = Files.readAllBytes(raw);
        System.arraycopy(new byte[] {'L', 'U', 'K', 'S', (byte) 0xba, (byte) 0xbe, 0, 2}, 0, header, 0, 8);
        Files.write(raw, header);
        assertThat(run("info", raw.toString())).isZero();
        assertThat(out.toString(StandardCharsets.UTF_8)).contains("file format: raw");
        assertThat(err.toString(StandardCharsets.UTF_8))
                .contains("holds a LUKS2 volume", "amend --image-opts driver=luks");
        err.reset();
        assertThat(run("info", "--output=json", raw.toString())).isZero();
        assertThat(err.toString(StandardCharsets.UTF_8)).isEmpty();
    }

    @Test
    void threadsBandwidthAndPriorityChangeNoByte() throws Exception {
        byte[] expected = Files.readAllBytes(qcow2);
        Path copy = temp.resolve("copy.qcow2");
        // On a thread of its own, as a lowered priority is not raised again.
        FutureTask<Void> work = new FutureTask<>(() -> {
            for (String threads : List.of("1", "3", "16")) {
                assertThat(run(
                                "convert",
                                "--threads",
                                threads,
                                "--bandwidth",
                                "1G",
                                "--nice",
                                "-O",
                                "qcow2",
                                raw.toString(),
                                copy.toString()))
                        .isZero();
                assertThat(Files.readAllBytes(copy)).isEqualTo(expected);
                assertThat(run("compact", "-q", "--threads", threads, "--bandwidth", "1G", "--nice", copy.toString()))
                        .isZero();
                assertThat(Files.readAllBytes(copy)).isEqualTo(expected);
                assertThat(run("compare", "--threads", threads, "--nice", raw.toString(), copy.toString()))
                        .isZero();
                assertThat(run("check", "--nice", copy.toString())).isZero();
                assertThat(run("digest", "--nice", copy.toString())).isZero();
            }
            return null;
        });
        new Thread(work).start();
        work.get();
        assertThat(run("compare", "--threads", "17", raw.toString(), copy.toString()))
                .isEqualTo(1);
    }

    @Test
    void digestIsVerifiedAgainstAFileOrAnotherImage() throws IOException {
        assertThat(run("digest", "--threads", "1", "-f", "raw", raw.toString())).isZero();
        Path digest = temp.resolve("disk.digest");
        Files.write(digest, out.toByteArray());
        assertThat(run("digest", "--verify", digest.toString(), qcow2.toString()))
                .isZero();
        assertThat(run("digest", "--verify", raw.toString(), qcow2.toString())).isZero();
        assertThat(out.toString(StandardCharsets.UTF_8)).contains(qcow2 + ": OK");
        Files.write(raw, new byte[512]);
        assertThat(run("digest", "--verify", raw.toString(), qcow2.toString())).isEqualTo(1);
        assertThat(out.toString(StandardCharsets.UTF_8)).contains(qcow2 + ": FAILED");
        assertThat(run("digest", "--verify", "nothing", qcow2.toString())).isEqualTo(1);
        assertThat(err.toString(StandardCharsets.UTF_8)).contains("'nothing' is neither a digest nor a file with one");
    }

    @Test
    void resumedConversionsStartAnewWhereNothingFits() throws IOException {
        Path target = temp.resolve("resumed.qcow2");
        Files.writeString(temp.resolve(".resumed.qcow2.resume.journal"), "jvirt-copy 1\nsomething else\n4096\n");
        Files.writeString(temp.resolve(".resumed.qcow2.resume"), "not an image");
        assertThat(run("convert", "--resume", "--digest", "-O", "qcow2", raw.toString(), target.toString()))
                .isZero();
        String digest = out.toString(StandardCharsets.UTF_8).split("\\s")[0];
        assertThat(run("digest", "--verify", digest, target.toString())).isZero();
        assertThat(run("check", target.toString())).isZero();
        assertThat(err.toString(StandardCharsets.UTF_8)).doesNotContain("Resumed");
        try (var files = Files.list(temp)) {
            assertThat(files.filter(file -> file.toString().contains(".resume")))
                    .isEmpty();
        }
        assertThat(run("convert", "--resume", "-n", "-O", "qcow2", raw.toString(), target.toString()))
                .isEqualTo(1);
        assertThat(err.toString(StandardCharsets.UTF_8)).contains("--resume does not go with -n");
    }

    @Test
    void benchComparesFormatsAndLeavesNothing() throws IOException {
        Path directory = Files.createDirectory(temp.resolve("pool"));
        assertThat(run("bench", "--compare", "--size", "2M", directory.toString()))
                .isZero();
        assertThat(out.toString(StandardCharsets.UTF_8))
                .contains("first write:\n  raw ")
                .contains("random read:\n")
                .contains("  qcow2, metadata ")
                .contains("create --disk SIZE");
        try (var files = Files.list(directory)) {
            assertThat(files).isEmpty();
        }
        assertThat(run("bench", "--compare", raw.toString())).isEqualTo(1);
        assertThat(err.toString(StandardCharsets.UTF_8)).contains("disk.raw' is no directory");
    }

    @Test
    void measureCountsTheHeaderOfLuks() {
        String secret = "secret,id=key,data=words";
        assertThat(run("measure", "-O", "luks", "--size", "1G", "--object", secret, "-o", "key-secret=key"))
                .isZero();
        assertThat(out.toString(StandardCharsets.UTF_8)).startsWith("required size: 1075810304\n");
        out.reset();
        String options = "encrypt.format=luks,encrypt.key-secret=key";
        assertThat(run("measure", "-O", "qcow2", "--size", "1G", "--object", secret, "-o", options))
                .isZero();
        assertThat(out.toString(StandardCharsets.UTF_8))
                .isEqualTo("required size: 2490368\nfully allocated size: 1076232192\n");
        assertThat(run("measure", "-O", "luks", "--size", "1G")).isEqualTo(1);
        assertThat(err.toString(StandardCharsets.UTF_8)).contains("Parameter 'key-secret' is required for cipher");
    }

    @Test
    void repairsBehindAServerAndTakesTheRepairBack() throws Exception {
        // A cluster behind all others counts as used, and nothing uses it: a leak.
        byte[] sound = Files.readAllBytes(qcow2);
        int clusters = (sound.length + 65535) / 65536;
        byte[] leaking = Arrays.copyOf(sound, (clusters + 1) * 65536);
        long block = ByteBuffer.wrap(sound).getLong((int) ByteBuffer.wrap(sound).getLong(48));
        leaking[(int) block + 2 * clusters + 1] = 1;
        Files.write(qcow2, leaking);
        Path socket = temp.resolve("socket");
        Process server = new ProcessBuilder("qemu-nbd", "-t", "-k", socket.toString(), "-f", "raw", qcow2.toString())
                .inheritIO()
                .start();
        try {
            // Its file is there a moment before it takes connections (flags: __SO_ACCEPTCON).
            while (Files.readAllLines(Path.of("/proc/net/unix")).stream()
                    .noneMatch(line -> line.endsWith(" " + socket) && line.contains(" 00010000 "))) {
                assertThat(server.isAlive()).isTrue();
                Thread.sleep(5);
            }
            String address = "nbd+unix:///?socket=" + socket;
            assertThat(run("check", address)).isEqualTo(3);
            assertThat(run("check", "-r", "all", address)).isZero();
            assertThat(err.toString(StandardCharsets.UTF_8)).contains("'check --undo' puts it back.");
            assertThat(run("check", address)).isZero();
            assertThat(run("check", "--undo", address)).isZero();
            assertThat(run("check", address)).isEqualTo(3);
            assertThat(run("check", "--undo", address)).isEqualTo(1);
        } finally {
            server.destroy();
            server.waitFor();
        }
        assertThat(Files.readAllBytes(qcow2)).isEqualTo(leaking);
    }

    @Test
    void compactInPlaceKeepsSnapshotsAndBitmaps() throws IOException {
        Path full = temp.resolve("full.qcow2");
        run("convert", "-S", "0", "-f", "raw", "-O", "qcow2", raw.toString(), full.toString());
        assertThat(run("bitmap", "--add", full.toString(), "changes")).isZero();
        // Whole clusters: the bitmap's directory, which lies last, does not fill its own.
        long before = (Files.size(full) + 65535) / 65536 * 65536;
        assertThat(run("compact", "--in-place", full.toString())).isZero();
        assertThat(out.toString(StandardCharsets.UTF_8)).contains("' in place: allocated (du) ");
        assertThat(Files.size(full)).isLessThanOrEqualTo(before - MIB);
        assertThat(run("compare", "-f", "raw", "-F", "qcow2", raw.toString(), full.toString()))
                .isZero();
        assertThat(run("snapshot", "-c", "one", full.toString())).isZero();
        out.reset();
        assertThat(run("compact", full.toString())).isZero();
        assertThat(out.toString(StandardCharsets.UTF_8)).contains("' in place: ");
        run("info", full.toString());
        assertThat(out.toString(StandardCharsets.UTF_8)).contains("one").contains("name: changes");
        assertThat(run("check", full.toString())).isZero();
        assertThat(run("compact", "--zstd", full.toString())).isEqualTo(1);
        assertThat(err.toString(StandardCharsets.UTF_8))
                .contains("Compression needs a new file, and the image has internal snapshots");
        assertThat(run("compact", "--drop-snapshots", full.toString())).isZero();
        out.reset();
        run("snapshot", "-l", full.toString());
        assertThat(out.toString(StandardCharsets.UTF_8)).doesNotContain("one");
    }

    /** The first half is data, the second, which lies behind it, is what is kept: it has to move. */
    @Test
    void compactInPlaceMovesWhatIsEncryptedOnlyWithTheKey() throws IOException {
        Path luks = temp.resolve("luks.qcow2");
        Path key = Files.writeString(temp.resolve("key"), "open sesame");
        String secret = "secret,id=s,file=" + key;
        String opened = "driver=qcow2,encrypt.key-secret=s,file.filename=" + luks;
        assertThat(run(
                        "create",
                        "-q",
                        "-f",
                        "qcow2",
                        "--object",
                        secret,
                        "-o",
                        "encrypt.format=luks,encrypt.key-secret=s,encrypt.iter-time=10",
                        luks.toString(),
                        "8M"))
                .isZero();
        byte[] data = new byte[8 * (int) MIB];
        java.util.Arrays.fill(data, (byte) 1);
        Path full = Files.write(temp.resolve("full.raw"), data);
        java.util.Arrays.fill(data, 0, 4 * (int) MIB, (byte) 0);
        Path half = Files.write(temp.resolve("half.raw"), data);
        String[] convert = {
            "convert", "-n", "-f", "raw", "--object", secret, full.toString(), "--target-image-opts", opened
        };
        assertThat(run(convert)).isZero();
        convert[6] = half.toString();
        assertThat(run(convert)).isZero();
        long before = Files.size(luks);
        assertThat(run("compact", "--in-place", luks.toString())).isZero();
        assertThat(err.toString(StandardCharsets.UTF_8))
                .isEqualTo("note: the data in '" + luks + "' stays where it is, as it is encrypted for its place; with"
                        + " --image-opts and encrypt.key-secret=ID it moves, too\n");
        err.reset();
        assertThat(run("compact", "--in-place", "--object", secret, "--image-opts", opened))
                .isZero();
        assertThat(err.toString(StandardCharsets.UTF_8)).isEmpty();
        assertThat(Files.size(luks)).isLessThanOrEqualTo(before - 3 * MIB);
        Path back = temp.resolve("back.raw");
        assertThat(run("convert", "--object", secret, "--image-opts", opened, "-O", "raw", back.toString()))
                .isZero();
        assertThat(Files.mismatch(back, half)).isEqualTo(-1);
    }

    @Test
    void compactLeavesWhatIsCompressedCompressed() throws IOException {
        byte[] text = "a text that is worth compressing ".repeat(100_000).getBytes(StandardCharsets.UTF_8);
        Path source = Files.write(temp.resolve("text.raw"), java.util.Arrays.copyOf(text, 3 * (int) MIB));
        Path packed = temp.resolve("packed.qcow2");
        assertThat(run("convert", "-c", "-f", "raw", "-O", "qcow2", source.toString(), packed.toString()))
                .isZero();
        long before = Files.size(packed);
        out.reset();
        assertThat(run("compact", packed.toString())).isZero();
        assertThat(out.toString(StandardCharsets.UTF_8)).contains("' in place: ");
        assertThat(Files.size(packed)).isLessThanOrEqualTo((before + 65535) / 65536 * 65536);
        assertThat(run("compare", "-f", "raw", "-F", "qcow2", source.toString(), packed.toString()))
                .isZero();
        out.reset();
        assertThat(run("compact", "--zstd", packed.toString())).isZero();
        assertThat(out.toString(StandardCharsets.UTF_8)).doesNotContain("in place");
    }

    @Test
    void compactInPlaceOfRawPunchesHoles() throws IOException {
        byte[] before = Files.readAllBytes(raw);
        assertThat(run("compact", "-f", "raw", "--in-place", raw.toString())).isZero();
        assertThat(Files.readAllBytes(raw)).isEqualTo(before);
        out.reset();
        run("map", "--output", "json", "-f", "raw", raw.toString());
        assertThat(out.toString(StandardCharsets.UTF_8))
                .contains("\"start\": 1048576, \"length\": 1048576, \"depth\": 0, \"present\": true, \"zero\": true");
    }

    @Test
    void compactGivesBackWhatIsZero() throws IOException {
        Path full = temp.resolve("full.qcow2");
        run("convert", "-S", "0", "-f", "raw", "-O", "qcow2", raw.toString(), full.toString());
        long before = Files.size(full);
        assertThat(run("compact", full.toString())).isZero();
        assertThat(Files.size(full)).isLessThanOrEqualTo(before - MIB);
        assertThat(run("compare", "-f", "raw", "-F", "qcow2", raw.toString(), full.toString()))
                .isZero();
    }

    @Test
    void plotDrawsWhereTheDataLies() throws IOException {
        assertThat(run("map", "--plot", "terminal", qcow2.toString())).isZero();
        String drawn = out.toString(StandardCharsets.UTF_8);
        // 49 cells of 64 KiB: 1 MiB of data, 1 MiB of nothing, the rest data.
        assertThat(drawn).contains("\n0 B       " + "█".repeat(16) + "·".repeat(16) + "█".repeat(17) + "\n");
        assertThat(drawn).contains("█ data                    2 MiB").contains("· nothing stored          1 MiB");
        assertThat(run("info", "--plot", qcow2.toString())).isZero();
        assertThat(out.toString(StandardCharsets.UTF_8)).isEqualTo(drawn);
        Path svg = temp.resolve("disk.svg");
        assertThat(run("map", "--plot", svg.toString(), qcow2.toString())).isZero();
        assertThat(Files.readString(svg))
                .startsWith("<svg ")
                .endsWith("</svg>\n")
                .contains("#2b6cb0");
        Path same = temp.resolve("same.svg");
        assertThat(run("info", "--plot", same.toString(), qcow2.toString())).isZero();
        assertThat(same).hasSameBinaryContentAs(svg);
        Path png = temp.resolve("disk.png");
        assertThat(run("map", "--plot", png.toString(), qcow2.toString())).isZero();
        BufferedImage picture = ImageIO.read(png.toFile());
        assertThat(picture.getRGB(18, 18) & 0xffffff).isEqualTo(0x2b6cb0);
        assertThat(picture.getRGB((1 + 20) * 12 + 6, 18) & 0xffffff).isEqualTo(0xf7fafc);
    }

    @Test
    void aDiskThatGrowsFromNothingLeaksNothing() {
        String image = temp.resolve("empty.qcow2").toString();
        assertThat(run("create", "-q", "-f", "qcow2", image, "0")).isZero();
        assertThat(run("resize", "-q", image, "1M")).isZero();
        assertThat(run("check", image)).as(out.toString(StandardCharsets.UTF_8)).isZero();
    }

    @Test
    void plotRefusesWhatItCannotDraw() {
        assertThat(run("map", "--plot", qcow2.toString(), qcow2.toString())).isEqualTo(1);
        assertThat(err.toString(StandardCharsets.UTF_8)).contains("ends in .svg");
        assertThat(run("map", "--plot", "terminal", "-l", "1M", qcow2.toString()))
                .isEqualTo(1);
        assertThat(run("info", "--plot", "--output", "json", qcow2.toString())).isEqualTo(1);
        assertThat(run("info", "--plot", qcow2.toString(), qcow2.toString())).isEqualTo(1);
    }

    @Test
    void copyGoesToAFileOfAnotherHost() throws IOException {
        assertThat(run("copy", raw.toString())).isEqualTo(1);
        assertThat(run("copy", raw.toString(), "nowhere")).isEqualTo(1);
        assertThat(err.toString(StandardCharsets.UTF_8))
                .contains("'nowhere' is not HOST:PATH")
                .contains("such as kvm2:/var/lib/libvirt/images/");
        assertThat(run("copy", "--bandwidth", "fast", raw.toString(), "kvm2:/tmp/x"))
                .isEqualTo(1);
        assertThat(err.toString(StandardCharsets.UTF_8)).contains("--bandwidth 'fast' is not a size");
        assertThat(run("copy", "-f", "vmdk", raw.toString(), "kvm2:/tmp/x")).isEqualTo(1);
        assertThat(err.toString(StandardCharsets.UTF_8)).contains("Unknown file format 'vmdk'");
    }

    private int run(String... args) {
        out.reset();
        err.reset();
        PrintStream printer = new PrintStream(out, true, StandardCharsets.UTF_8);
        return DiskMain.run("jvirt disk", args, printer, new PrintStream(err, true, StandardCharsets.UTF_8));
    }
}
