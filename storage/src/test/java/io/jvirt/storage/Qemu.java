// SPDX-License-Identifier: Apache-2.0
package io.jvirt.storage;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** QEMU's tools as judges: thin calls that answer what was printed. */
public final class Qemu {
    private static final int TRIES = 10;

    private Qemu() {}

    /** What a tool printed, and its exit code. */
    public record Answer(int exitCode, String output) {}

    /** Runs a tool whose failure is part of the test; now and then QEMU 7.2 fails to measure its own speed, and tries again. */
    public static Answer run(Path directory, String... command) throws IOException {
        Answer answer = once(directory, command);
        for (int i = 0; i < TRIES && answer.output().contains("Unable to get accurate CPU usage"); i++) {
            answer = once(directory, command);
        }
        return answer;
    }

    private static Answer once(Path directory, String... command) throws IOException {
        Process tool = new ProcessBuilder(command)
                .directory(directory.toFile())
                .redirectErrorStream(true)
                .redirectInput(ProcessBuilder.Redirect.from(new java.io.File("/dev/null")))
                .start();
        String output = new String(tool.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        try {
            return new Answer(tool.waitFor(), output);
        } catch (InterruptedException e) {
            tool.destroy();
            throw new IOException(e);
        }
    }

    /** Runs a tool that must succeed. */
    public static String ok(Path directory, String... command) throws IOException {
        Answer answer = run(directory, command);
        assertThat(answer.exitCode())
                .as(String.join(" ", command) + "\n" + answer.output())
                .isZero();
        return answer.output();
    }

    /** Waits until a server's socket takes connections: its file is there a moment earlier. */
    public static void awaitListening(Process server, Path socket) throws IOException, InterruptedException {
        // Flags: __SO_ACCEPTCON.
        while (Files.readAllLines(Path.of("/proc/net/unix")).stream()
                .noneMatch(line -> line.endsWith(" " + socket) && line.contains(" 00010000 "))) {
            assertThat(server.isAlive()).isTrue();
            Thread.sleep(5);
        }
    }

    /** Runs qemu-io with commands; a pattern that does not match is a failure. */
    public static String io(Path directory, List<String> options, String... commands) throws IOException {
        List<String> command = new ArrayList<>(List.of("qemu-io"));
        for (String c : commands) {
            command.add("-c");
            command.add(c);
        }
        command.addAll(options);
        String output = ok(directory, command.toArray(new String[0]));
        assertThat(output).doesNotContain("Pattern verification failed").doesNotContain("failed:");
        return output;
    }
}
