// SPDX-License-Identifier: Apache-2.0
package io.jvirt.cli.disk.stress;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.CleanupMode;
import org.junit.jupiter.api.io.TempDir;

/**
 * Damaged images of every kind, under each verb, in a process that has 256 MiB. {@code -Djvirt.fuzz.seconds=N} runs it
 * longer, {@code -Djvirt.fuzz.seed=N} repeats a run.
 */
@Tag("one-jdk")
class FuzzTest {
    private static final int SHORT_ROUNDS = 20;

    /** What Java compiles stays in a process: after so many a new one goes on. */
    private static final int ROUNDS_PER_PROCESS = 200;

    @TempDir(cleanup = CleanupMode.ON_SUCCESS)
    Path directory;

    @Test
    void eachVerbAnswersWithinItsBounds() throws Exception {
        long seed = Long.getLong("jvirt.fuzz.seed", 1);
        long seconds = Long.getLong("jvirt.fuzz.seconds", 0);
        int first = Integer.getInteger("jvirt.fuzz.round", 0);
        int rounds = first > 0 ? 1 : seconds > 0 ? ROUNDS_PER_PROCESS : SHORT_ROUNDS;
        Corpus.make(Files.createDirectory(directory.resolve("corpus")));
        System.out.println("fuzz seed " + seed + " in " + directory);
        long end = System.nanoTime() + seconds * 1_000_000_000L;
        do {
            String output = ChildJvm.run(
                    FuzzRun.class,
                    List.of(
                            directory.toString(),
                            Long.toString(seed),
                            Integer.toString(first),
                            Integer.toString(rounds)));
            assertThat(output).endsWith("0\n");
            Matcher done = Pattern.compile("(\\d+) images").matcher(output);
            assertThat(done.find()).isTrue();
            first += Integer.parseInt(done.group(1));
        } while (System.nanoTime() < end);
    }

    @Test
    void filesMadeToHarmAreAnsweredWithinTheBounds() throws Exception {
        Crafted.make(Files.createDirectory(directory.resolve("crafted")));
        assertThat(ChildJvm.run(FuzzRun.class, List.of(directory.toString()))).endsWith("0\n");
    }
}
