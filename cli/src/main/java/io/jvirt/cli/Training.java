// SPDX-License-Identifier: Apache-2.0
package io.jvirt.cli;

import java.io.IOException;
import java.io.OutputStream;
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
 * <p>Arguments: the name of a file that it may make, and what to run: {@code disk} (help and disk verbs), {@code host} (what
 * talks to libvirt), or both.
 */
final class Training {
    private static final String TEST_HOST = "test:///default";

    /** A daemon that is on no machine: the way to a real one, up to its answer. */
    private static final String SILENT_HOST = "qemu:///system?socket=/nonexistent";

    public static void main(String[] args) throws IOException {
        String image = args[0];
        String copy = image + ".copy";
        List<String> sorts = Arrays.asList(args).subList(1, args.length);
        if (sorts.contains("disk")) {
            run("--help");
            run("--version");
            run("verison");
            run("disk", "create", "-f", "qcow2", image, "1M");
            run("disk", "info", image);
            run("disk", "info", "--output=json", image);
            run("disk", "check", image);
            run("disk", "map", image);
            run("disk", "convert", "-O", "qcow2", image, copy);
            run("disk", "compare", image, copy);
            run("disk", "digest", image);
            run("disk", "snapshot", "-l", image);
            run("disk", "resize", image, "2M");
            run("disk", "--help");
            run("wire");
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
            clone(image);
        }
        Files.deleteIfExists(Path.of(image));
        Files.deleteIfExists(Path.of(copy));
        // The shutdown writes the archive: exit, not halt.
        System.exit(0);
    }

    /** On a host that libvirt plays, with a machine that is off; {@code JVIRT_STATE} is a directory of the training's own. */
    private static void clone(String image) throws IOException {
        Path node = Path.of(image + ".xml");
        Path made = Path.of(image).resolveSibling("trained-clone.qcow2");
        Files.writeString(node, NODE.formatted(image));
        run("disk", "create", "-f", "qcow2", image, "1M");
        run("disk", "bench", "-w", "-c", "2", "-f", "qcow2", image);
        run("-c", "test://" + node, "clone", "trained", "trained-clone", "--mode", "full");
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
