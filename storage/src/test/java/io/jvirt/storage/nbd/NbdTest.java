// SPDX-License-Identifier: Apache-2.0
package io.jvirt.storage.nbd;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.jvirt.storage.Extent;
import io.jvirt.storage.Qemu;
import io.jvirt.storage.StorageException;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class NbdTest {
    private static final int MIB = 1 << 20;
    private static final long SEED = 4711;

    @TempDir
    Path directory;

    private final List<Process> servers = new ArrayList<>();

    @AfterEach
    void stopServers() throws Exception {
        for (Process server : servers) {
            server.destroy();
            server.waitFor();
        }
    }

    private void serve(String... arguments) throws Exception {
        List<String> command = new ArrayList<>(List.of("qemu-nbd", "--persistent", "--shared=4"));
        command.addAll(List.of(arguments));
        servers.add(new ProcessBuilder(command)
                .directory(directory.toFile())
                .inheritIO()
                .start());
    }

    private NbdAddress unixServer(String... arguments) throws Exception {
        Path socket = directory.resolve("socket" + servers.size());
        List<String> all = new ArrayList<>(List.of("--socket=" + socket));
        all.addAll(List.of(arguments));
        serve(all.toArray(new String[0]));
        Qemu.awaitListening(servers.get(servers.size() - 1), socket);
        return NbdAddress.parse("nbd+unix:///?socket=" + socket);
    }

    private void create(String... arguments) throws IOException {
        List<String> command = new ArrayList<>(List.of("qemu-img", "create", "-q"));
        command.addAll(List.of(arguments));
        Qemu.ok(directory, command.toArray(new String[0]));
    }

    private static byte[] read(NbdImage image, long offset, int length) throws IOException {
        ByteBuffer bytes = ByteBuffer.allocate(length);
        image.read(offset, bytes);
        assertThat(bytes.hasRemaining()).isFalse();
        return bytes.array();
    }

    private static List<Extent> map(NbdImage image) throws IOException {
        List<Extent> extents = new ArrayList<>();
        image.map(0, image.sizeBytes(), extents::add);
        return extents;
    }

    @Test
    void aQcow2DiskIsReadWrittenZeroedAndMapped() throws Exception {
        create("-f", "qcow2", "disk", "64M");
        NbdAddress address = unixServer("-f", "qcow2", "--discard=unmap", "disk");
        byte[] data = new byte[20 * MIB + 77];
        new Random(SEED).nextBytes(data);
        try (NbdImage image = NbdImage.open(address, false)) {
            assertThat(image.sizeBytes()).isEqualTo(64 * MIB);
            image.write(MIB + 3, ByteBuffer.wrap(data));
            assertThat(read(image, MIB + 3, data.length)).isEqualTo(data);
            image.zero(2 * MIB, 4 * MIB, true);
            image.zero(8 * MIB + 5, 1000, false);
            image.discard(12 * MIB, MIB);
            Arrays.fill(data, MIB - 3, 5 * MIB - 3, (byte) 0);
            Arrays.fill(data, 7 * MIB + 2, 7 * MIB + 1002, (byte) 0);
            Arrays.fill(data, 11 * MIB - 3, 12 * MIB - 3, (byte) 0);
            assertThat(read(image, MIB + 3, data.length)).isEqualTo(data);
            image.flush();
            assertThat(map(image))
                    .extracting(Extent::guestOffset, Extent::lengthBytes, Extent::kind)
                    .containsExactly(
                            org.assertj.core.groups.Tuple.tuple(0L, (long) MIB, Extent.Kind.ZERO),
                            org.assertj.core.groups.Tuple.tuple((long) MIB, (long) MIB, Extent.Kind.DATA),
                            org.assertj.core.groups.Tuple.tuple(2L * MIB, 4L * MIB, Extent.Kind.ZERO),
                            org.assertj.core.groups.Tuple.tuple(6L * MIB, 6L * MIB, Extent.Kind.DATA),
                            org.assertj.core.groups.Tuple.tuple(12L * MIB, (long) MIB, Extent.Kind.ZERO),
                            org.assertj.core.groups.Tuple.tuple(13L * MIB, 8L * MIB + 65536, Extent.Kind.DATA),
                            org.assertj.core.groups.Tuple.tuple(
                                    21L * MIB + 65536, 43L * MIB - 65536, Extent.Kind.ZERO));
        }
        stopServers();
        assertThat(Qemu.ok(directory, "qemu-img", "check", "disk")).contains("No errors were found");
    }

    @Test
    void severalThreadsShareOneConnection() throws Exception {
        create("-f", "raw", "disk", "32M");
        NbdAddress address = unixServer("-f", "raw", "disk");
        ExecutorService threads = Executors.newFixedThreadPool(4);
        try (NbdImage image = NbdImage.open(address, false)) {
            List<Future<?>> results = new ArrayList<>();
            for (int i = 0; i < 16; i++) {
                int number = i;
                results.add(threads.submit(() -> {
                    byte[] data = new byte[2 * MIB];
                    new Random(number).nextBytes(data);
                    image.write(
                            2L * MIB * number,
                            ByteBuffer.allocateDirect(data.length).put(data).flip());
                    assertThat(read(image, 2L * MIB * number, data.length)).isEqualTo(data);
                    return null;
                }));
            }
            for (Future<?> result : results) {
                result.get();
            }
        } finally {
            threads.shutdown();
        }
    }

    @Test
    void aNamedExportOverTcpAndItsRefusals() throws Exception {
        create("-f", "raw", "disk", "3M");
        int port;
        try (ServerSocket free = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            port = free.getLocalPort();
        }
        serve("-f", "raw", "-r", "--bind=127.0.0.1", "--port=" + port, "--export-name=one", "disk");
        while (true) {
            try {
                new Socket(InetAddress.getLoopbackAddress(), port).close();
                break;
            } catch (IOException e) {
                assertThat(servers.get(0).isAlive()).isTrue();
                Thread.sleep(5);
            }
        }
        NbdAddress address = NbdAddress.parse("nbd://127.0.0.1:" + port + "/one");
        try (NbdImage image = NbdImage.open(address, true)) {
            assertThat(read(image, 5, MIB)).containsOnly(0);
            assertThatThrownBy(() -> image.write(0, ByteBuffer.allocate(1)))
                    .hasMessage("'" + address + "' is open for reading only");
            assertThatThrownBy(() -> image.read(3 * MIB - 1, ByteBuffer.allocate(2)))
                    .hasMessage("'" + address + "' has 3145728 bytes; 2 bytes at offset 3145727 are not within it");
            assertThatThrownBy(() -> image.resize(0)).hasMessageContaining("cannot be resized");
        }
        assertThatThrownBy(() -> NbdImage.open(address, false)).hasMessage("'" + address + "' is exported read-only");
        assertThatThrownBy(() -> NbdImage.open(NbdAddress.parse("nbd:127.0.0.1:" + port + ":exportname=two"), true))
                .isInstanceOf(StorageException.class)
                .hasMessageContaining("it has no export 'two'");
    }

    @Test
    void aServerThatBreaksOffOrTalksNonsenseIsAnError() throws Exception {
        create("-f", "raw", "disk", "3M");
        NbdAddress address = unixServer("-f", "raw", "disk");
        try (NbdImage image = NbdImage.open(address, true)) {
            Process server = servers.remove(0);
            server.destroyForcibly();
            server.waitFor();
            assertThatThrownBy(() -> image.read(0, ByteBuffer.allocate(512))).isInstanceOf(StorageException.class);
        }
        assertThatThrownBy(() -> NbdImage.open(NbdAddress.parse("nbd:unix:/nonexistent/socket"), true))
                .hasMessageStartingWith("Failed to connect to '/nonexistent/socket': ");
        assertThatThrownBy(() -> NbdImage.open(NbdAddress.parse("nbd://nowhere.invalid/disk"), true))
                .hasMessage("address resolution failed for nowhere.invalid:10809: Name or service not known");
        try (ServerSocket other = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            Thread answering = new Thread(() -> {
                try (Socket client = other.accept()) {
                    client.getOutputStream().write("SSH-2.0-OpenSSH_9.2p1\r\n".getBytes());
                } catch (IOException e) {
                    throw new java.io.UncheckedIOException(e);
                }
            });
            answering.start();
            NbdAddress ssh = NbdAddress.parse("nbd://127.0.0.1:" + other.getLocalPort());
            assertThatThrownBy(() -> NbdImage.open(ssh, true))
                    .hasMessage("'" + ssh + "' is not served by an NBD server");
            answering.join();
        }
    }

    /** What the server is asked for a write, zeros, a discard, a flush and a read, by what it can do. */
    private static List<String> asked(int flags) throws Exception {
        try (ForcedWritesServer server = new ForcedWritesServer(flags)) {
            try (NbdImage image = NbdImage.open(server.address(), false)) {
                image.write(0, ByteBuffer.allocate(4096));
                image.zero(4096, 4096, true);
                image.discard(8192, 4096);
                image.flush();
                image.read(0, ByteBuffer.allocate(512));
            }
            return server.asked();
        }
    }

    @Test
    void aServerWithoutFlushIsAskedToMakeEachChangeLast() throws Exception {
        int forced = NbdProtocol.COMMAND_FUA;
        assertThat(asked(NbdProtocol.FLAG_FUA))
                .containsExactly(
                        NbdProtocol.WRITE + " " + forced,
                        NbdProtocol.WRITE_ZEROES + " " + forced,
                        NbdProtocol.TRIM + " " + forced,
                        NbdProtocol.READ + " 0");
    }

    @Test
    void aServerThatFlushesIsAskedToDoSoOnce() throws Exception {
        assertThat(asked(NbdProtocol.FLAG_FUA | NbdProtocol.FLAG_FLUSH))
                .containsExactly(
                        NbdProtocol.WRITE + " 0",
                        NbdProtocol.WRITE_ZEROES + " 0",
                        NbdProtocol.TRIM + " 0",
                        NbdProtocol.FLUSH + " 0",
                        NbdProtocol.READ + " 0");
    }

    @Test
    void aServerThatCanDoNeitherIsNotAsked() throws Exception {
        assertThat(asked(0))
                .containsExactly(
                        NbdProtocol.WRITE + " 0",
                        NbdProtocol.WRITE_ZEROES + " 0",
                        NbdProtocol.TRIM + " 0",
                        NbdProtocol.READ + " 0");
    }

    @Test
    void addressesInAllTheirForms() throws StorageException {
        assertThat(NbdAddress.parse("nbd://host")).isEqualTo(new NbdAddress("host", 10809, null, ""));
        assertThat(NbdAddress.parse("nbd://[::1]:5/a/b")).isEqualTo(new NbdAddress("[::1]", 5, null, "a/b"));
        assertThat(NbdAddress.parse("nbd+unix:///x%20y?socket=/run/a+b%3f"))
                .isEqualTo(new NbdAddress(null, 0, "/run/a+b?", "x y"));
        assertThat(NbdAddress.parse("nbd:h:7:exportname=e")).isEqualTo(new NbdAddress("h", 7, null, "e"));
        assertThat(NbdAddress.parse("nbd:unix:/s:exportname=e")).isEqualTo(new NbdAddress(null, 0, "/s", "e"));
        for (String wrong : List.of("nbd:", "nbd:host", "nbd://", "nbd+unix:///x", "nbd:h:x", "nbd://a b")) {
            assertThatThrownBy(() -> NbdAddress.parse(wrong))
                    .isInstanceOf(StorageException.class)
                    .hasMessage("'" + wrong + "' is not an NBD address");
        }
    }
}
