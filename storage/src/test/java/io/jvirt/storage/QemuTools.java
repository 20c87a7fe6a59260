// SPDX-License-Identifier: Apache-2.0
package io.jvirt.storage;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** QEMU's own tools as judges. One that is missing fails the test. */
public final class QemuTools {
    private QemuTools() {}

    /** What a program said (stdout and stderr together) and its exit status. */
    public record Outcome(int status, String output) {}

    public static Outcome run(List<String> command) {
        try {
            Process started =
                    new ProcessBuilder(command).redirectErrorStream(true).start();
            started.getOutputStream().close();
            String output = new String(started.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
            if (!started.waitFor(60, TimeUnit.SECONDS)) {
                started.destroyForcibly();
                throw new AssertionError(command + " did not end");
            }
            return new Outcome(started.exitValue(), output);
        } catch (IOException e) {
            throw new AssertionError("the tests need " + command.get(0), e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new AssertionError(e);
        }
    }

    /** Runs a command that must succeed. */
    public static String ok(String... command) {
        Outcome outcome = run(List.of(command));
        assertThat(outcome.status())
                .as("%s: %s", String.join(" ", command), outcome.output())
                .isZero();
        return outcome.output();
    }

    /** {@code qemu-img check} finds neither corruption nor leaks. */
    public static void checkClean(Path image) {
        Outcome outcome = run(List.of("qemu-img", "check", "-f", "qcow2", image.toString()));
        assertThat(outcome.status())
                .as("qemu-img check %s: %s", image, outcome.output())
                .isZero();
    }

    /** {@code qemu-img check} finds no corruption; leaks are allowed, as after a crash. */
    public static void checkNotCorrupt(Path image) {
        Outcome outcome = run(List.of("qemu-img", "check", "-f", "qcow2", image.toString()));
        assertThat(outcome.status())
                .as("qemu-img check %s: %s", image, outcome.output())
                .isIn(0, 3);
    }
}
