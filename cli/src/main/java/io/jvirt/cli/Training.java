// SPDX-License-Identifier: Apache-2.0
package io.jvirt.cli;

import io.jvirt.domain.transfer.Compression;
import io.jvirt.domain.transfer.FilePayload;
import io.jvirt.domain.transfer.Payload;
import io.jvirt.domain.transfer.Transport;
import io.jvirt.domain.transfer.wire.WireServer;
import io.jvirt.domain.transfer.wire.WireSession;
import io.jvirt.domain.transfer.wire.WireTransport;
import java.io.IOException;
import java.io.OutputStream;
import java.io.PipedInputStream;
import java.io.PipedOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;

/**
 * Runs command lines in one JVM, so that it records the classes which short commands load: the archive that the launcher
 * then starts from (class data sharing on 17, the AOT cache on 25). Failures do not matter: their classes count too.
 *
 * <p>Arguments: the name of a file that it may make, and what to run: {@code short} (help and what is
 * over in a moment), {@code disk} (work on disks), {@code host} (what talks to libvirt), {@code work} (what copies machines), or
 * several of them.
 */
final class Training {
    private static final String TEST_HOST = "test:///default";

    /** A daemon that is on no machine: the way to a real one, up to its answer. */
    private static final String SILENT_HOST = "qemu:///system?socket=/nonexistent";

    public static void main(String[] args) throws IOException {
        String image = args[0];
        String copy = image + ".copy";
        String overlay = image + ".overlay";
        List<String> sorts = Arrays.asList(args).subList(1, args.length);
        if (sorts.contains("short")) {
            run("--help");
            run("--version");
            run("verison");
            run("disk", "create", "-f", "qcow2", image, "1M");
            run("disk", "info", image);
            run("disk", "info", "--output=json", image);
            run("disk", "--help");
        }
        if (sorts.contains("disk")) {
            run("disk", "create", "-f", "qcow2", image, "1M");
            run("disk", "bench", "-w", "-c", "2", "-f", "qcow2", image);
            run("disk", "check", image);
            run("disk", "map", image);
            run("disk", "convert", "-O", "qcow2", image, copy);
            run("disk", "compare", image, copy);
            run("disk", "digest", image);
            run("disk", "snapshot", "-l", image);
            run("disk", "resize", image, "2M");
            run("disk", "convert", "-O", "raw", image, copy);
            run("disk", "measure", "-O", "qcow2", image);
            run("disk", "create", "-f", "qcow2", "-b", image, "-F", "qcow2", overlay);
            run("disk", "convert", "-c", "-O", "qcow2", overlay, copy);
            run("disk", "bench", "-w", "-c", "2", "-f", "qcow2", overlay);
            run("disk", "commit", overlay);
            run("disk", "rebase", "-b", "", overlay);
            run("disk", "snapshot", "-c", "trained", image);
            run("disk", "snapshot", "-a", "trained", image);
            run("disk", "compact", overlay);
            run("wire");
            send(image, copy);
        }
        if (sorts.contains("host")) {
            run("version");
            run("version", "-o", "json");
            run("help", "version");
            run("-c", SILENT_HOST, "list");
            run("-c", TEST_HOST, "list", "--all");
            run("-c", TEST_HOST, "list", "-o", "name");
            run("-c", TEST_HOST, "list", "-o", "json");
            run("-c", TEST_HOST, "info", "test");
            run("-c", TEST_HOST, "info", "nosuchdomain");
            run("-c", TEST_HOST, "create", "trained", "--disk", "1G", "--dry-run");
        }
        if (sorts.contains("work")) {
            clone(image);
            send(image, copy);
        }
        Files.deleteIfExists(Path.of(image));
        Files.deleteIfExists(Path.of(copy));
        Files.deleteIfExists(Path.of(overlay));
        // The shutdown writes the archive: exit, not halt.
        System.exit(0);
    }

    /** Both ends of what carries a move's files, in this process. */
    private static void send(String image, String copy) throws IOException {
        Path target = Path.of(copy).toAbsolutePath();
        Files.write(target, new byte[0]);
        PipedInputStream there = new PipedInputStream(PIPE_BYTES);
        PipedInputStream here = new PipedInputStream(PIPE_BYTES);
        PipedOutputStream toThere = new PipedOutputStream(there);
        PipedOutputStream toHere = new PipedOutputStream(here);
        Thread server = new Thread(() -> {
            try {
                WireServer.serve(there, toHere, Version.jvirt(), () -> {});
            } catch (IOException e) {
                // The pipe has ended.
                return;
            }
        });
        server.setDaemon(true);
        server.start();
        WireSession session = WireSession.connect(here, toThere, null);
        try (Payload payload = FilePayload.look(Path.of(image))) {
            WireTransport transport = new WireTransport(session, target.toString(), false, 0, Compression.AUTO);
            transport.send(payload, 0, SILENT);
            transport.update(payload, 0, payload.lengthBytes(), SILENT);
        }
        toThere.close();
    }

    private static final int PIPE_BYTES = 1 << 20;

    private static final Transport.Progress SILENT = new Transport.Progress() {
        @Override
        public void reached(long offset) {}

        @Override
        public void stored(long offset) {}
    };

    /** On a host that libvirt plays, with a machine that is off; {@code JVIRT_STATE} is a directory of the training's own. */
    private static void clone(String image) throws IOException {
        Path node = Path.of(image + ".xml");
        Path made = Path.of(image).resolveSibling("trained-clone.qcow2");
        Files.writeString(node, NODE.formatted(image));
        run("disk", "create", "-f", "qcow2", image, "1M");
        run("disk", "bench", "-w", "-c", "2", "-f", "qcow2", image);
        run("-c", "test://" + node, "clone", "trained", "trained-clone", "--mode", "full");
        // The host that it goes to takes no disks, so it stays here in the end.
        run("-c", "test://" + node, "migrate", "trained", "--to", TEST_HOST, "--yes");
        Files.deleteIfExists(node);
        Files.deleteIfExists(made);
    }

    private static final String NODE = """
            <node><domain type='test' xmlns:test='http://libvirt.org/schemas/domain/test/1.0'>
            <name>trained</name><memory>65536</memory><vcpu>1</vcpu><os><type>hvm</type></os>
            <test:runstate>5</test:runstate>
            <devices><disk type='file' device='disk'><driver name='qemu' type='qcow2'/><source file='%s'/><target dev='vda'/></disk>
            <interface type='network'><mac address='52:54:00:00:00:01'/><source network='default'/></interface></devices>
            </domain></node>
            """;

    private static void run(String... line) {
        PrintStream none = new PrintStream(OutputStream.nullOutputStream(), false, StandardCharsets.UTF_8);
        int unused = Main.run(line, none, none);
    }

    private Training() {}
}
