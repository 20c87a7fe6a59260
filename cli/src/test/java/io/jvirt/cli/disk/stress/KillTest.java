// SPDX-License-Identifier: Apache-2.0
package io.jvirt.cli.disk.stress;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.CleanupMode;
import org.junit.jupiter.api.io.TempDir;

/**
 * Kills a process at random moments of verbs that change an image. Whatever the moment, QEMU finds the image sound (leaks
 * are allowed) and the guest's content as it was. {@code -Djvirt.kill.seconds=N} runs it longer.
 */
class KillTest {
    private static final int SHORT_KILLS = 4;
    private static final int MAX_WAIT_MILLIS = 1500;

    @TempDir(cleanup = CleanupMode.ON_SUCCESS)
    Path directory;

    @Test
    void aKilledVerbLosesNothing() throws Exception {
        long seed = Long.getLong("jvirt.kill.seed", 1);
        long seconds = Long.getLong("jvirt.kill.seconds", 0);
        System.out.println("kill seed " + seed + " in " + directory);
        long end = System.nanoTime() + seconds * 1_000_000_000L;
        Random random = new Random(seed);
        makeImage();
        int kills = 0;
        while (seconds > 0 ? System.nanoTime() < end : kills < SHORT_KILLS) {
            List<String> done = runAndKill(random.nextLong(), random.nextInt(MAX_WAIT_MILLIS));
            try {
                judge();
            } catch (AssertionError | IOException e) {
                throw new AssertionError("seed " + seed + ", kill " + kills + ", after " + done, e);
            }
            kills++;
        }
        System.out.println(kills + " kills, nothing lost");
    }

    private void makeImage() throws IOException, InterruptedException {
        Path raw = directory.resolve("content.raw");
        byte[] bytes = new byte[6 << 20];
        new Random(5).nextBytes(bytes);
        java.util.Arrays.fill(bytes, 1 << 20, 3 << 20, (byte) 0);
        Files.write(raw, bytes);
        Files.write(directory.resolve("base.raw"), new byte[6 << 20]);
        Corpus.run(
                directory,
                "qemu-img",
                "convert",
                "-f",
                "raw",
                "-O",
                "qcow2",
                "-B",
                "base.raw",
                "-F",
                "raw",
                "-o",
                "cluster_size=4k",
                "content.raw",
                "disk.qcow2");
        Corpus.run(directory, "qemu-img", "snapshot", "-c", "old", "disk.qcow2");
        Corpus.run(directory, "qemu-img", "bitmap", "--add", "disk.qcow2", "kept");
        // What only the snapshot holds afterwards, and what nobody holds.
        Corpus.run(directory, "qemu-io", "-c", "write -P 9 0 2M", "-c", "write -z -u 3M 1M", "disk.qcow2");
        Corpus.run(directory, "qemu-img", "convert", "-O", "raw", "disk.qcow2", "content.raw");
    }

    private List<String> runAndKill(long seed, int waitMillis) throws IOException, InterruptedException {
        Process child = ChildJvm.start(KillRun.class, List.of(directory.toString(), Long.toString(seed)));
        List<String> done = new ArrayList<>();
        BufferedReader output =
                new BufferedReader(new InputStreamReader(child.getInputStream(), StandardCharsets.UTF_8));
        // Java is up once the first verb begins.
        done.add(String.valueOf(output.readLine()));
        Thread.sleep(waitMillis);
        child.destroyForcibly();
        try {
            for (String line = output.readLine(); line != null; line = output.readLine()) {
                done.add(line);
            }
        } catch (IOException e) {
            // The stream goes with the process; what was said last does not matter.
            done.add("killed");
        }
        child.waitFor();
        return done.subList(Math.max(0, done.size() - 30), done.size());
    }

    private void judge() throws IOException, InterruptedException {
        // Judged in a copy: a verb may go on with what the kill has left.
        Path left = directory.resolve("left.qcow2");
        Files.copy(directory.resolve("disk.qcow2"), left, StandardCopyOption.REPLACE_EXISTING);
        Process check = new ProcessBuilder("qemu-img", "check", "-f", "qcow2", left.toString())
                .redirectErrorStream(true)
                .start();
        String said = new String(check.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(check.waitFor()).as(said).isIn(0, 3);
        Corpus.run(directory, "qemu-img", "compare", "-f", "raw", "-F", "qcow2", "content.raw", "left.qcow2");
    }
}
