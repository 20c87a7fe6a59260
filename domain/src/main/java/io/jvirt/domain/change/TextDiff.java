// SPDX-License-Identifier: Apache-2.0
package io.jvirt.domain.change;

import java.util.ArrayList;
import java.util.List;

/** The difference of two texts, line by line, with three lines of context, as {@code diff -u} shows it. */
public final class TextDiff {
    private static final int CONTEXT = 3;

    private TextDiff() {}

    /** A line: ' ' for one that both have, '-' and '+' for those of one text. */
    private record Line(char side, String text, int oldNumber, int newNumber) {}

    /** Lines of the unified format without the names of the texts; empty where they are equal. */
    public static List<String> of(String oldText, String newText) {
        List<Line> lines = compare(oldText.lines().toList(), newText.lines().toList());
        List<String> shown = new ArrayList<>();
        int at = 0;
        while (at < lines.size()) {
            int first = at;
            while (first < lines.size() && lines.get(first).side == ' ') {
                first++;
            }
            if (first == lines.size()) {
                break;
            }
            int start = Math.max(at, first - CONTEXT);
            int last = first;
            for (int i = first; i < lines.size() && i <= last + 2 * CONTEXT; i++) {
                if (lines.get(i).side != ' ') {
                    last = i;
                }
            }
            int end = Math.min(lines.size(), last + CONTEXT + 1);
            List<Line> hunk = lines.subList(start, end);
            shown.add("@@ -" + range(hunk, '+') + " +" + range(hunk, '-') + " @@");
            hunk.forEach(line -> shown.add(line.side + line.text));
            at = end;
        }
        return shown;
    }

    /** Start and length of a hunk in one text: all lines but those of the other side. */
    private static String range(List<Line> hunk, char otherSide) {
        long length = hunk.stream().filter(line -> line.side != otherSide).count();
        int start = otherSide == '+' ? hunk.get(0).oldNumber : hunk.get(0).newNumber;
        return (length == 0 ? start - 1 : start) + (length == 1 ? "" : "," + length);
    }

    /** By the longest common subsequence of what lies between the common start and the common end. */
    private static List<Line> compare(List<String> a, List<String> b) {
        int start = 0;
        while (start < a.size() && start < b.size() && a.get(start).equals(b.get(start))) {
            start++;
        }
        int endA = a.size();
        int endB = b.size();
        while (endA > start && endB > start && a.get(endA - 1).equals(b.get(endB - 1))) {
            endA--;
            endB--;
        }
        int[][] common = new int[endA - start + 1][endB - start + 1];
        for (int i = endA - 1; i >= start; i--) {
            for (int j = endB - 1; j >= start; j--) {
                common[i - start][j - start] = a.get(i).equals(b.get(j))
                        ? common[i - start + 1][j - start + 1] + 1
                        : Math.max(common[i - start + 1][j - start], common[i - start][j - start + 1]);
            }
        }
        List<Line> lines = new ArrayList<>();
        for (int n = 0; n < start; n++) {
            lines.add(new Line(' ', a.get(n), n + 1, n + 1));
        }
        int i = start;
        int j = start;
        while (i < endA || j < endB) {
            boolean isSame = i < endA && j < endB && a.get(i).equals(b.get(j));
            if (isSame) {
                lines.add(new Line(' ', a.get(i), i + 1, j + 1));
                i++;
                j++;
            } else if (j == endB
                    || (i < endA && common[i - start + 1][j - start] >= common[i - start][j - start + 1])) {
                lines.add(new Line('-', a.get(i), i + 1, j + 1));
                i++;
            } else {
                lines.add(new Line('+', b.get(j), i + 1, j + 1));
                j++;
            }
        }
        for (; i < a.size(); i++, j++) {
            lines.add(new Line(' ', a.get(i), i + 1, j + 1));
        }
        return lines;
    }
}
