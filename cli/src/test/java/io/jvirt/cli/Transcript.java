// SPDX-License-Identifier: Apache-2.0
package io.jvirt.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.jvirt.cli.vm.TestDriver;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * A golden file of command lines that fail, each with its whole text, hint and exit code. A line is added with its {@code $};
 * {@code ''} is an empty word, {@code {dir}} the test's directory. {@code -Djvirt.golden=write} writes what it answers.
 */
record Transcript(TestDriver libvirt, Path directory) {
    private static final String PROMPT = "$ jvirt ";

    void check(String golden) throws IOException {
        List<String> transcript = new ArrayList<>();
        List<String> unhelpful = new ArrayList<>();
        for (String line : Files.readAllLines(Path.of("src/test/resources/golden/" + golden))) {
            if (line.startsWith(PROMPT)) {
                String[] words = words(line.substring(PROMPT.length()));
                JvirtRun run = words[0].equals("disk") ? JvirtRun.of(words) : libvirt.run(words);
                if (run.exit() == 0
                        || !run.out().isEmpty()
                        || !run.err().matches("(?s)jvirt: .*\nhint: .*|jvirt disk: .*\n.+")) {
                    unhelpful.add(line + "\n" + run);
                }
                transcript.add(line + "\n" + told(run.err()) + "[" + run.exit() + "]\n");
            } else if (line.startsWith("#")) {
                transcript.add(line + "\n");
            }
        }
        assertThat(unhelpful).isEmpty();
        Golden.check(golden, String.join("\n", transcript));
    }

    private String[] words(String line) {
        String[] words = line.replace("{dir}", directory.toString()).split(" +");
        for (int i = 0; i < words.length; i++) {
            words[i] = words[i].equals("''") ? "" : words[i];
        }
        return words;
    }

    /** The journal is another one for each user, and the directory for each checkout. */
    private String told(String text) {
        return text.replaceAll(" in /\\S*/journal\n", " in /var/lib/jvirt/journal\n")
                .replace(directory.toString(), "{dir}")
                .replace(Path.of("").toAbsolutePath() + "/", "/jvirt/cli/");
    }
}
