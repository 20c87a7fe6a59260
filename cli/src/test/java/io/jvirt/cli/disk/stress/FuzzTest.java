// SPDX-License-Identifier: Apache-2.0
package io.jvirt.cli.disk.stress;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.CleanupMode;
import org.junit.jupiter.api.io.TempDir;

/**
 * Damaged images of every kind, under each verb, in a process that has 256 MiB. {@code -Djvirt.fuzz.seconds=N} runs it
 * longer, {@code -Djvirt.fuzz.seed=N} repeats a run.
 */
class FuzzTest {
    private static final int SHORT_ROUNDS = 40;

    @TempDir(cleanup = CleanupMode.ON_SUCCESS)
    Path directory;

    @Test
    void eachVerbAnswersWithinItsBounds() throws Exception {
        long seed = Long.getLong("jvirt.fuzz.seed", 1);
        long seconds = Long.getLong("jvirt.fuzz.seconds", 0);
        int first = Integer.getInteger("jvirt.fuzz.round", 0);
        int rounds = first > 0 ? 1 : seconds > 0 ? 0 : SHORT_ROUNDS;
        Corpus.make(Files.createDirectory(directory.resolve("corpus")));
        System.out.println("fuzz seed " + seed + " in " + directory);
        String output = ChildJvm.run(
                FuzzRun.class,
                List.of(
                        directory.toString(),
                        Long.toString(seed),
                        Integer.toString(first),
                        Integer.toString(rounds),
                        Long.toString(seconds)));
        assertThat(output).endsWith("0\n");
    }

    @Test
    void filesMadeToHarmAreAnsweredWithinTheBounds() throws Exception {
        Crafted.make(Files.createDirectory(directory.resolve("crafted")));
        assertThat(ChildJvm.run(FuzzRun.class, List.of(directory.toString()))).endsWith("0\n");
    }
}
