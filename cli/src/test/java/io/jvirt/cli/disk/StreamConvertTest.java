// SPDX-License-Identifier: Apache-2.0
package io.jvirt.cli.disk;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.PrintStream;
import java.nio.ByteBuffer;
import java.nio.channels.WritableByteChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** {@code convert} with standard output as its target and standard input as its source; qemu-img judges the images. */
class StreamConvertTest {
    private static final int MIB = 1 << 20;

    @TempDir
    Path temp;

    private final ByteArrayOutputStream out = new ByteArrayOutputStream();
    private final ByteArrayOutputStream err = new ByteArrayOutputStream();
    private byte[] bytes = new byte[0];
    private Path raw;

    /** Data that cannot be compressed, data that can, zeros in large and small runs, an odd end. */
    @BeforeEach
    void aDisk() throws IOException {
        raw = temp.resolve("disk.raw");
        bytes = new byte[9 * MIB + 512];
        Random random = new Random(11);
        for (int at = 0; at < bytes.length; at += 40 << 10) {
            int length = Math.min(40 << 10, bytes.length - at);
            byte[] piece = new byte[length];
            switch (random.nextInt(3)) {
                case 0 -> random.nextBytes(piece);
                case 1 -> Arrays.fill(piece, (byte) (1 + random.nextInt(100)));
                default -> {}
            }
            System.arraycopy(piece, 0, bytes, at, length);
        }
        Arrays.fill(bytes, 3 * MIB, 5 * MIB, (byte) 0);
        Files.write(raw, bytes);
    }

    @Test
    void rawOnStandardOutputIsTheContent() {
        assertThat(run("convert", "-f", "raw", "-p", raw.toString(), "-")).isZero();
        assertThat(out.toByteArray()).isEqualTo(bytes);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "-m 1",
                "-S 0",
                "-o cluster_size=512",
                "-o cluster_size=2M",
                "-o compat=0.10",
                "-o extended_l2=on",
                "-o refcount_bits=1",
                "-c",
                "-c -m 4 -o cluster_size=4k",
                "-c -o compression_type=zstd",
                "-c -o cluster_size=512,refcount_bits=2"
            })
    void qcow2OnStandardOutputIsASoundImage(String options) throws Exception {
        List<String> args = words("convert -f raw -O qcow2 --digest " + options);
        args.addAll(List.of(raw.toString(), "-"));
        assertThat(run(args.toArray(new String[0]))).as(text(err)).isZero();
        assertThat(text(err)).endsWith("  -\n");
        Path image = temp.resolve("stream.qcow2");
        Files.write(image, out.toByteArray());
        judge("check", "-q", image.toString());
        judge("compare", "-q", "-f", "raw", "-F", "qcow2", raw.toString(), image.toString());
    }

    @Test
    void anOverlayOnStandardOutputLeavesOutWhatItsBackingFileHas() throws Exception {
        Path base = temp.resolve("base.qcow2");
        Path overlay = temp.resolve("overlay.qcow2");
        judge("convert", "-O", "qcow2", raw.toString(), base.toString());
        judge("create", "-q", "-f", "qcow2", "-b", base.toString(), "-F", "qcow2", overlay.toString());
        assertThat(run("convert", "-O", "qcow2", "-B", base.toString(), "-F", "qcow2", overlay.toString(), "-"))
                .as(text(err))
                .isZero();
        Path image = temp.resolve("stream.qcow2");
        Files.write(image, out.toByteArray());
        assertThat(Files.size(image)).isLessThan(MIB);
        judge("compare", "-q", raw.toString(), image.toString());
    }

    @Test
    void aReaderThatGoesAwayIsNoFailure() {
        PrintStream errors = new PrintStream(err, true, StandardCharsets.UTF_8);
        StandardOutputChannel channel = new StandardOutputChannel(new GoneReader());
        assertThatThrownBy(() -> channel.write(ByteBuffer.allocate(1))).isInstanceOf(IOException.class);
        assertThat(channel.readerGone()).isTrue();
        errors.flush();
        assertThat(text(err)).isEmpty();
    }

    @Test
    void aTerminalIsRefused() {
        PrintStream printer = new PrintStream(out, true, StandardCharsets.UTF_8);
        PrintStream errors = new PrintStream(err, true, StandardCharsets.UTF_8);
        Verb verb = new ConvertVerb();
        verb.start("convert", new Console("jvirt disk", printer, errors, true, null));
        assertThatThrownBy(() -> verb.run(new String[] {raw.toString(), "-"})).isInstanceOf(VerbExit.class);
        assertThat(text(err)).startsWith("jvirt disk: An image is not written to a terminal\n");
        assertThat(out.size()).isZero();
    }

    @ParameterizedTest
    @ValueSource(strings = {"-n", "--bitmaps", "-O qcow2 -o preallocation=metadata", "-O luks", "-O vmdk"})
    void whatAStreamCannotBeIsRefusedAndNothingIsWritten(String options) {
        List<String> args = words("convert " + options);
        args.addAll(List.of(raw.toString(), "-"));
        assertThat(run(args.toArray(new String[0]))).isEqualTo(1);
        assertThat(text(err)).startsWith("jvirt disk: ");
        assertThat(out.size()).isZero();
        assertThat(Path.of("-")).doesNotExist();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "-O raw",
                "-O raw -S 0",
                "-O qcow2",
                "-O qcow2 -o cluster_size=512",
                "-O qcow2 -o extended_l2=on",
                "-O qcow2 -c",
                "-O qcow2 -c -o compression_type=zstd,cluster_size=2M"
            })
    void standardInputBecomesAnImageOfItsSize(String options) throws Exception {
        Path image = temp.resolve("image");
        List<String> args = words("convert " + options);
        args.addAll(List.of("-", image.toString()));
        assertThat(feed(bytes, args)).as(text(err)).isZero();
        String format = args.get(2);
        judge("compare", "-q", "-f", "raw", "-F", format, raw.toString(), image.toString());
        assertThat(run("measure", "-O", "raw", image.toString())).isZero();
        assertThat(text(out)).contains("fully allocated size: " + bytes.length + "\n");
        if (format.equals("qcow2")) {
            judge("check", "-q", image.toString());
        }
    }

    @Test
    void emptyStandardInputBecomesAnEmptyImage() throws Exception {
        for (String format : List.of("raw", "qcow2")) {
            Path image = temp.resolve("empty");
            assertThat(feed(new byte[0], words("convert -O " + format + " - " + image)))
                    .as(text(err))
                    .isZero();
            assertThat(run("info", "-f", format, image.toString())).isZero();
            assertThat(text(out)).contains("virtual size: 0 B");
        }
    }

    @Test
    void standardInputFillsAnExistingImage() throws Exception {
        Path image = temp.resolve("image.qcow2");
        judge("create", "-q", "-f", "qcow2", image.toString(), "16M");
        List<String> args = words("convert -n -O qcow2 - " + image);
        assertThat(feed(bytes, args)).as(text(err)).isZero();
        judge("compare", "-q", raw.toString(), image.toString());
        judge("create", "-q", "-f", "qcow2", image.toString(), "1M");
        assertThat(feed(bytes, args)).isEqualTo(1);
        assertThat(text(err)).contains("output file is smaller than input file");
    }

    @Test
    void anImageOfAnotherFormatOnStandardInputIsRefused() {
        Path image = temp.resolve("image.raw");
        byte[] magic = {'Q', 'F', 'I', (byte) 0xfb, 0, 0, 0, 3};
        assertThat(feed(magic, words("convert - " + image))).isEqualTo(1);
        assertThat(text(err)).startsWith("jvirt disk: Standard input holds a qcow2 image");
        assertThat(image).doesNotExist();
        assertThat(feed(magic, words("convert -f raw - " + image))).isZero();
        assertThat(image).hasSize(512);
        assertThat(feed(magic, words("convert - -"))).isEqualTo(1);
        assertThat(feed(magic, words("convert -f qcow2 - " + image))).isEqualTo(1);
    }

    private static List<String> words(String text) {
        return new ArrayList<>(List.of(text.strip().split(" +")));
    }

    private int feed(byte[] input, List<String> args) {
        InputStream before = System.in;
        System.setIn(new ByteArrayInputStream(input));
        try {
            return run(args.toArray(new String[0]));
        } finally {
            System.setIn(before);
        }
    }

    private int run(String... args) {
        out.reset();
        err.reset();
        PrintStream printer = new PrintStream(out, true, StandardCharsets.UTF_8);
        return DiskMain.run("jvirt disk", args, printer, new PrintStream(err, true, StandardCharsets.UTF_8));
    }

    private static String text(ByteArrayOutputStream stream) {
        return stream.toString(StandardCharsets.UTF_8);
    }

    private static void judge(String... args) throws Exception {
        List<String> command = new ArrayList<>(List.of("qemu-img"));
        command.addAll(List.of(args));
        Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
        String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(process.waitFor()).as(command + ": " + said).isZero();
    }

    /** A pipe that nobody reads. */
    private static final class GoneReader implements WritableByteChannel {
        @Override
        public int write(ByteBuffer bytes) throws IOException {
            throw new IOException("Broken pipe");
        }

        @Override
        public boolean isOpen() {
            return true;
        }

        @Override
        public void close() {}
    }
}
