// SPDX-License-Identifier: Apache-2.0
package io.jvirt.cli.disk.stress;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** A Java process with little memory, which cannot fill the disk either. */
final class ChildJvm {
    private static final long MAX_FILE_BYTES = 64 << 20;

    private ChildJvm() {}

    static Process start(Class<?> main, List<String> arguments) throws IOException {
        List<String> command = new ArrayList<>(List.of(
                "prlimit",
                "--fsize=" + MAX_FILE_BYTES + ":unlimited",
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-XX:+UseSerialGC",
                // Less than a verb has that runs alone: beside the heap, this process holds what thousands of
                // verbs made it compile. Without the second compiler, whose peaks depend on the machine's load.
                // LauncherBoundsTest holds single processes with the launcher's own flags.
                "-XX:TieredStopAtLevel=1",
                "-Xmn16m",
                "-Xmx128m",
                "-XX:MaxDirectMemorySize=32m",
                "-Djna.encoding=UTF-8",
                "-cp",
                System.getProperty("java.class.path"),
                main.getName()));
        command.addAll(arguments);
        Process child = new ProcessBuilder(command).redirectErrorStream(true).start();
        child.getOutputStream().close();
        return child;
    }

    /** What it printed, and its exit code in the last line. */
    static String run(Class<?> main, List<String> arguments) throws IOException, InterruptedException {
        Process child = start(main, arguments);
        String output = new String(child.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        int code = child.waitFor();
        System.out.print(output);
        return output + code + "\n";
    }
}
