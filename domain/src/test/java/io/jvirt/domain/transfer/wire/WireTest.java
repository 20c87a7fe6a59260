// SPDX-License-Identifier: Apache-2.0
package io.jvirt.domain.transfer.wire;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.jvirt.domain.transfer.Compression;
import io.jvirt.domain.transfer.FilePayload;
import io.jvirt.domain.transfer.Payload;
import io.jvirt.domain.transfer.Transport;
import io.jvirt.storage.CreateRequest;
import io.jvirt.storage.DiskImage;
import io.jvirt.storage.DiskImages;
import io.jvirt.storage.OpenRequest;
import io.jvirt.storage.copy.CopyProgress;
import io.jvirt.storage.copy.ImageDigest;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.PipedInputStream;
import java.io.PipedOutputStream;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Both ends of the protocol in one process. */
class WireTest {
    private static final int MIB = 1 << 20;

    @TempDir
    private Path directory;

    private Path source = Path.of("");
    private Path target = Path.of("");
    private final Heard heard = new Heard();
    private final List<CountingStream> sent = new ArrayList<>();

    @BeforeEach
    void files() throws IOException {
        source = directory.resolve("source.raw");
        target = directory.resolve("target.raw");
        Files.createFile(source);
        Files.createFile(target);
        try (FileChannel file = FileChannel.open(source, StandardOpenOption.WRITE)) {
            file.write(random(20 * MIB, 1), 3 * MIB + 4096);
            file.write(random(30 * MIB, 2), 300L * MIB);
            file.write(ByteBuffer.allocate(512), 400L * MIB);
        }
    }

    private static ByteBuffer random(int length, long seed) {
        byte[] bytes = new byte[length];
        new Random(seed).nextBytes(bytes);
        return ByteBuffer.wrap(bytes);
    }

    /** What a transport said. */
    private static final class Heard implements Transport.Progress {
        private final List<Long> stored = new ArrayList<>();
        private long stopAt = Long.MAX_VALUE;

        @Override
        public void reached(long offset) {
            if (offset > stopAt) {
                throw new IllegalStateException("stopped");
            }
        }

        @Override
        public void stored(long offset) {
            stored.add(offset);
        }

        long last() {
            return stored.get(stored.size() - 1);
        }
    }

    private static final class CountingStream extends OutputStream {
        private final OutputStream out;
        private long bytes;

        CountingStream(OutputStream out) {
            this.out = out;
        }

        @Override
        public void write(int b) throws IOException {
            out.write(b);
            bytes++;
        }

        @Override
        public void write(byte[] from, int offset, int length) throws IOException {
            out.write(from, offset, length);
            bytes += length;
        }

        @Override
        public void flush() throws IOException {
            out.flush();
        }

        @Override
        public void close() throws IOException {
            out.close();
        }
    }

    private WireTransport transport(boolean isQcow2, Compression compression) throws IOException {
        return new WireTransport(session(), target.toString(), isQcow2, 0, compression);
    }

    private WireSession session() throws IOException {
        PipedInputStream requests = new PipedInputStream(1 << 16);
        PipedOutputStream ask = new PipedOutputStream(requests);
        PipedInputStream answers = new PipedInputStream(1 << 16);
        PipedOutputStream answer = new PipedOutputStream(answers);
        Thread server = new Thread(() -> {
            try (answer) {
                WireServer.serve(requests, answer, "1.0-test", () -> {});
            } catch (IOException e) {
                throw new java.io.UncheckedIOException(e);
            }
        });
        server.setDaemon(true);
        server.start();
        CountingStream counted = new CountingStream(ask);
        sent.add(counted);
        WireSession session = WireSession.connect(answers, counted, null);
        assertThat(session.peer()).isEqualTo("1.0-test");
        return session;
    }

    private WireTransport transport() throws IOException {
        return transport(false, Compression.NONE);
    }

    private long sentBytes() {
        return sent.get(sent.size() - 1).bytes;
    }

    private Payload payload() throws IOException {
        return FilePayload.open(source, null, null);
    }

    private static String digest(Path image) throws IOException {
        try (DiskImage open = DiskImages.open(OpenRequest.of(image))) {
            return ImageDigest.of(open, 1, CopyProgress.NONE);
        }
    }

    @Test
    void whatIsNotZeroTravelsAndIsVerified() throws IOException {
        WireTransport transport = transport();
        try (Payload payload = payload()) {
            transport.send(payload, 0, heard);
            assertThat(transport.firstDifference(payload, at -> {})).isEqualTo(-1);
        }
        assertThat(transport.digest()).isEqualTo(digest(source)).isEqualTo(digest(target));
        assertThat(Files.mismatch(source, target)).isEqualTo(-1);
        assertThat(heard.stored).hasSizeGreaterThan(2).isSorted();
        assertThat(heard.last()).isEqualTo(Files.size(source));
        assertThat(sentBytes()).isLessThan((long) (50 * MIB * 1.005));
    }

    @Test
    void compressedBytesArriveAsTheyWere() throws IOException {
        try (FileChannel file = FileChannel.open(source, StandardOpenOption.WRITE)) {
            byte[] text = "all work and no play ".repeat(MIB).getBytes(StandardCharsets.US_ASCII);
            file.write(ByteBuffer.wrap(text), 100L * MIB);
        }
        try (Payload payload = payload()) {
            transport(false, Compression.ZSTD).send(payload, 0, heard);
        }
        assertThat(Files.mismatch(source, target)).isEqualTo(-1);
        assertThat(sentBytes()).isLessThan(52L * MIB);
    }

    @Test
    void aBrokenOneGoesOnFromWhatIsStored() throws IOException {
        heard.stopAt = 325L * MIB;
        try (Payload payload = payload()) {
            WireTransport first = transport();
            assertThatThrownBy(() -> first.send(payload, 0, heard)).isInstanceOf(IllegalStateException.class);
            sent.get(0).close();
            heard.stopAt = Long.MAX_VALUE;
            assertThat(heard.last()).isBetween(16L * MIB, 325L * MIB);
            WireTransport second = transport();
            second.send(payload, heard.last(), heard);
            assertThat(second.digest()).isNull();
            assertThat(second.firstDifference(payload, at -> {})).isEqualTo(-1);
        }
        assertThat(Files.mismatch(source, target)).isEqualTo(-1);
    }

    @Test
    void ofAnOlderCopyOnlyWhatDiffersTravels() throws IOException {
        try (FileChannel file = FileChannel.open(target, StandardOpenOption.WRITE)) {
            file.write(ByteBuffer.wrap(Files.readAllBytes(source)), 0);
            file.write(random(70_000, 5), 5 * MIB);
            file.write(random(100_000, 6), 200L * MIB);
            file.write(random(10, 7), 310L * MIB + 77);
            file.write(random(10, 8), 399L * MIB + MIB - 10);
            file.write(random(4096, 9), 401L * MIB);
        }
        WireTransport transport = transport();
        try (Payload payload = payload()) {
            transport.update(payload, 0, Files.size(target), heard);
        }
        assertThat(Files.mismatch(source, target)).isEqualTo(-1);
        assertThat(transport.digest()).isEqualTo(digest(source));
        assertThat(sentBytes()).isLessThan(6 * 65536L);
        assertThat(heard.last()).isEqualTo(Files.size(source));
    }

    @Test
    void aDifferenceIsFoundToTheByte() throws IOException {
        Files.copy(source, target, java.nio.file.StandardCopyOption.REPLACE_EXISTING);
        try (FileChannel file = FileChannel.open(target, StandardOpenOption.WRITE);
                Payload payload = payload()) {
            assertThat(transport().firstDifference(payload, at -> {})).isEqualTo(-1);
            file.write(ByteBuffer.wrap(new byte[] {1}), 399L * MIB + 5);
            assertThat(transport().firstDifference(payload, at -> {})).isEqualTo(399L * MIB + 5);
            file.write(ByteBuffer.wrap(new byte[1]), 310L * MIB + 9);
            file.write(ByteBuffer.wrap(new byte[1]), 310L * MIB + 10);
            assertThat(transport().firstDifference(payload, at -> {})).isBetween(310L * MIB + 9, 310L * MIB + 10);
        }
    }

    /** As a move does it when all has been sent, with the digest of what it sent. */
    @Test
    void aByteThatFlippedAfterItWasSentIsNoticed() throws IOException {
        WireTransport transport = transport();
        try (Payload payload = payload()) {
            transport.send(payload, 0, heard);
        }
        String known = digest(source);
        assertThat(transport.digest()).isEqualTo(known);
        long length = Files.size(source);
        assertThat(transport().file().stores(known, length, at -> {})).isTrue();
        try (FileChannel file = FileChannel.open(target, StandardOpenOption.READ, StandardOpenOption.WRITE)) {
            ByteBuffer one = ByteBuffer.allocate(1);
            file.read(one, 310L * MIB + 9);
            file.write(one.put(0, (byte) (one.get(0) ^ 1)).rewind(), 310L * MIB + 9);
            assertThat(transport().file().stores(known, length, at -> {})).isFalse();
        }
    }

    @Test
    void aFewBytesAreWrittenOver() throws IOException {
        Files.copy(source, target, java.nio.file.StandardCopyOption.REPLACE_EXISTING);
        RemoteFile.ofBytes(session(), target.toString()).overwrite(310L * MIB + 9, new byte[] {1, 2, 3, 4});
        byte[] expected = Files.readAllBytes(source);
        ByteBuffer.wrap(expected).position(310 * MIB + 9).put(new byte[] {1, 2, 3, 4});
        assertThat(Files.readAllBytes(target)).isEqualTo(expected);
    }

    @Test
    void theTargetCanBeAnotherFormat() throws IOException {
        try (Payload payload = payload()) {
            WireTransport transport = transport(true, Compression.AUTO);
            transport.send(payload, 0, heard);
            assertThat(transport.digest()).isEqualTo(digest(source)).isEqualTo(digest(target));
            assertThat(Files.size(target)).isLessThan(53L * MIB);
            try (FileChannel file = FileChannel.open(source, StandardOpenOption.WRITE)) {
                file.write(random(4096, 7), 310L * MIB);
            }
            WireTransport again = transport(true, Compression.AUTO);
            again.update(payload, 0, 0, heard);
            assertThat(again.digest()).isEqualTo(digest(target));
            assertThat(transport(true, Compression.AUTO).firstDifference(payload, at -> {}))
                    .isEqualTo(-1);
        }
    }

    @Test
    void anImageThereLeadsNowhere() throws IOException {
        Path secret = directory.resolve("secret");
        Files.write(secret, new byte[MIB]);
        Files.delete(target);
        DiskImages.create(CreateRequest.qcow2(target, Files.size(source))
                .withQcow2(io.jvirt.storage.qcow2.Qcow2Options.defaults().withBacking(secret.toString(), "raw")));
        Files.write(secret, random(MIB, 9).array());
        try (Payload payload = payload()) {
            WireTransport transport = transport(true, Compression.AUTO);
            transport.update(payload, 0, 0, heard);
            assertThat(transport.digest()).isEqualTo(digest(source));
        }
    }

    @Test
    void aPathThatIsNotPlainIsRefused() throws IOException {
        Path link = directory.resolve("link");
        Files.createSymbolicLink(link, source);
        target = link;
        WireTransport transport = transport();
        try (Payload payload = payload()) {
            assertThatThrownBy(() -> transport.send(payload, 0, heard))
                    .isInstanceOf(WireFailedException.class)
                    .hasMessageContaining("is not the plain path of a file");
        }
        target = directory.resolve("nothing");
        WireTransport missing = transport();
        try (Payload payload = payload()) {
            assertThatThrownBy(() -> missing.send(payload, 0, heard)).hasMessageContaining("does not exist");
        }
    }

    @Test
    void framesThatAreNotOfThisProtocolEndIt() throws IOException {
        assertThat(answerTo(frame(Frame.HELLO, ints(Frame.VERSION)), frame((byte) 77, new byte[3])))
                .contains("unknown frame of type 77");
        assertThat(answerTo(frame(Frame.HELLO, ints(9))))
                .contains("speaks version 2")
                .contains("the other side 9");
        assertThat(answerTo(
                        frame(Frame.HELLO, ints(Frame.VERSION)),
                        ByteBuffer.allocate(5).putInt(Integer.MAX_VALUE).array()))
                .contains("is not of this protocol");
        assertThat(answerTo(frame(Frame.HELLO, ints(Frame.VERSION)), frame(Frame.READ, new byte[12])))
                .contains("no file is open");
        byte[] path = target.toString().getBytes(StandardCharsets.UTF_8);
        byte[] open = ByteBuffer.allocate(10 + path.length)
                .put(Frame.BYTES)
                .put(Frame.KEEP)
                .putLong(MIB)
                .put(path)
                .array();
        byte[] beyond =
                ByteBuffer.allocate(14).putLong(MIB - 1).put((byte) 0).putInt(2).array();
        assertThat(answerTo(
                        frame(Frame.HELLO, ints(Frame.VERSION)), frame(Frame.OPEN, open), frame(Frame.DATA, beyond)))
                .contains("outside of the file");
        assertThat(Files.size(target)).isEqualTo(MIB);
    }

    @Test
    void whatAShellPrintsBeforeIsPassedOver() throws IOException {
        ByteArrayOutputStream said = new ByteArrayOutputStream();
        said.writeBytes("Welcome!\0jv\n".getBytes(StandardCharsets.US_ASCII));
        WireServer.serve(InputStream.nullInputStream(), said, "2", () -> {});
        WireSession session = WireSession.connect(
                new ByteArrayInputStream(said.toByteArray()), OutputStream.nullOutputStream(), null);
        assertThat(session.peer()).isEqualTo("2");
        assertThatThrownBy(() -> WireSession.connect(
                        new ByteArrayInputStream("bash: jvirt: not found\n".getBytes(StandardCharsets.US_ASCII)),
                        OutputStream.nullOutputStream(),
                        null))
                .isInstanceOf(WireUnavailableException.class);
    }

    private static byte[] ints(int value) {
        return ByteBuffer.allocate(4).putInt(value).array();
    }

    private static byte[] frame(byte type, byte[] body) {
        return ByteBuffer.allocate(5 + body.length)
                .putInt(1 + body.length)
                .put(type)
                .put(body)
                .array();
    }

    private static String answerTo(byte[]... frames) throws IOException {
        ByteArrayOutputStream asked = new ByteArrayOutputStream();
        for (byte[] frame : frames) {
            asked.writeBytes(frame);
        }
        ByteArrayOutputStream said = new ByteArrayOutputStream();
        WireServer.serve(new ByteArrayInputStream(asked.toByteArray()), said, "1", () -> {});
        return said.toString(StandardCharsets.UTF_8);
    }
}
