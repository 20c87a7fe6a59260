// SPDX-License-Identifier: Apache-2.0
package io.jvirt.cli;

import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * Runs command lines in one JVM, so that it records the classes which short commands load: the archive that the launcher
 * then starts from (class data sharing on 17, the AOT cache on 25). The argument is the name of a file that it may make.
 * Failures do not matter: their classes count too.
 */
final class Training {
    public static void main(String[] args) throws IOException {
        PrintStream none = new PrintStream(OutputStream.nullOutputStream(), false, StandardCharsets.UTF_8);
        String image = args[0];
        String copy = image + ".copy";
        String[][] lines = {
            {"--help"},
            {"--version"},
            {"version"},
            {"version", "-o", "json"},
            {"help", "version"},
            {"verison"},
            {"-c", "test:///default", "list", "--all"},
            {"-c", "test:///default", "list", "-o", "name"},
            {"-c", "test:///default", "info", "test"},
            {"-c", "test:///default", "list", "-o", "json"},
            {"-c", "test:///default", "info", "nosuchdomain"},
            {"-c", "test:///default", "create", "trained", "--disk", "1G", "--dry-run"},
            {"disk", "create", "-f", "qcow2", image, "1M"},
            {"disk", "info", image},
            {"disk", "info", "--output=json", image},
            {"disk", "check", image},
            {"disk", "map", image},
            {"disk", "convert", "-O", "qcow2", image, copy},
            {"disk", "compare", image, copy},
            {"disk", "digest", image},
            {"disk", "snapshot", "-l", image},
            {"disk", "resize", image, "2M"},
            {"disk", "--help"},
        };
        for (String[] line : lines) {
            int unused = Main.run(line, none, none);
        }
        Files.deleteIfExists(Path.of(image));
        Files.deleteIfExists(Path.of(copy));
        // The shutdown writes the archive: exit, not halt.
        System.exit(0);
    }

    private Training() {}
}
