// SPDX-License-Identifier: Apache-2.0
package io.jvirt.domain.change;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

class TextDiffTest {
    @Test
    void equalTextsHaveNone() {
        assertThat(TextDiff.of("a\nb\n", "a\nb\n")).isEmpty();
        assertThat(TextDiff.of("", "")).isEmpty();
    }

    @Test
    void aChangedLineWithItsContext() {
        assertThat(TextDiff.of("1\n2\n3\n4\n5\n6\n7\n8\n9\n", "1\n2\n3\n4\nfive\n6\n7\n8\n9\n"))
                .containsExactly("@@ -2,7 +2,7 @@", " 2", " 3", " 4", "-5", "+five", " 6", " 7", " 8");
    }

    @Test
    void linesAtTheEnds() {
        assertThat(TextDiff.of("b\n", "a\nb\nc\n")).containsExactly("@@ -1 +1,3 @@", "+a", " b", "+c");
        assertThat(TextDiff.of("", "a\n")).containsExactly("@@ -0,0 +1 @@", "+a");
    }

    @Test
    void farChangesAreTwoHunks() {
        String before = "a\n" + "=\n".repeat(20) + "b\n";
        assertThat(TextDiff.of(before, before.replace("a\n", "A\n").replace("b\n", "B\n")))
                .filteredOn(line -> line.startsWith("@@"))
                .containsExactly("@@ -1,4 +1,4 @@", "@@ -19,4 +19,4 @@");
    }

    /** The hunks of random texts turn one into the other. */
    @Test
    void appliedItGivesTheNewText() {
        long seed = System.nanoTime();
        Random random = new Random(seed);
        for (int i = 0; i < 500; i++) {
            List<String> before = lines(random);
            List<String> after = new ArrayList<>(before);
            for (int n = random.nextInt(4); n > 0; n--) {
                if (random.nextBoolean() || after.isEmpty()) {
                    after.add(random.nextInt(after.size() + 1), "new" + n);
                } else {
                    after.remove(random.nextInt(after.size()));
                }
            }
            List<String> diff = TextDiff.of(String.join("\n", before), String.join("\n", after));
            assertThat(apply(before, diff)).as("seed %d, round %d", seed, i).isEqualTo(after);
        }
    }

    private static List<String> lines(Random random) {
        List<String> lines = new ArrayList<>();
        for (int n = random.nextInt(30); n > 0; n--) {
            lines.add(Integer.toString(random.nextInt(5)));
        }
        return lines;
    }

    private static List<String> apply(List<String> before, List<String> diff) {
        List<String> out = new ArrayList<>();
        int at = 0;
        for (String line : diff) {
            if (line.startsWith("@@")) {
                String[] range = line.split(" ")[1].substring(1).split(",");
                int start = Integer.parseInt(range[0]) - (range.length > 1 && range[1].equals("0") ? 0 : 1);
                while (at < start) {
                    out.add(before.get(at++));
                }
            } else if (line.charAt(0) == '+') {
                out.add(line.substring(1));
            } else {
                assertThat(before.get(at)).isEqualTo(line.substring(1));
                if (line.charAt(0) == ' ') {
                    out.add(before.get(at));
                }
                at++;
            }
        }
        out.addAll(before.subList(at, before.size()));
        return out;
    }
}
