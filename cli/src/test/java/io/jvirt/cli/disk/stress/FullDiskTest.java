// SPDX-License-Identifier: Apache-2.0
package io.jvirt.cli.disk.stress;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A file system of 3 MiB, in a mount namespace of its own, that each writing verb fills up. */
class FullDiskTest {
    @TempDir
    Path directory;

    @Test
    void aFullFileSystemIsAClearErrorAndHarmsNothing() throws Exception {
        Path small = Files.createDirectory(directory.resolve("small"));
        Path large = Files.createDirectory(directory.resolve("large"));
        String mount = "mount -t tmpfs -o size=3m tmpfs \"$0\" && exec \"$@\"";
        boolean root = "root".equals(System.getProperty("user.name"));
        List<String> command = new ArrayList<>(List.of("unshare", root ? "-m" : "-rm", "sh", "-c", mount));
        command.add(small.toString());
        command.addAll(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-XX:+UseSerialGC",
                "-Djna.encoding=UTF-8",
                "-cp",
                System.getProperty("java.class.path"),
                FullDiskRun.class.getName(),
                small.toString(),
                large.toString()));
        ProcessBuilder builder = new ProcessBuilder(command).redirectErrorStream(true);
        builder.environment().put("JVIRT_OPEN_PATH", small + ":" + large);
        Process child = builder.start();
        child.getOutputStream().close();
        String said = new String(child.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(child.waitFor()).as(said).isZero();
    }
}
