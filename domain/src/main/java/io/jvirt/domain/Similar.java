// SPDX-License-Identifier: Apache-2.0
package io.jvirt.domain;

import org.jspecify.annotations.Nullable;

/** The word that the user probably meant. */
public final class Similar {
    /** The candidate with the fewest edits, where they are few enough for a slip of the fingers; else null. */
    public static @Nullable String to(String word, Iterable<String> candidates) {
        String best = null;
        int bestEdits = Math.max(1, word.length() / 3) + 1;
        for (String candidate : candidates) {
            boolean isBeginning = word.length() >= 3 && candidate.startsWith(word);
            int edits = isBeginning ? 1 : edits(word, candidate);
            if (edits < bestEdits) {
                bestEdits = edits;
                best = candidate;
            }
        }
        return best;
    }

    /** Insertions, deletions, replacements and swaps of neighbours (optimal string alignment). */
    static int edits(String a, String b) {
        int[][] cost = new int[a.length() + 1][b.length() + 1];
        for (int i = 0; i <= a.length(); i++) {
            for (int j = 0; j <= b.length(); j++) {
                if (i == 0 || j == 0) {
                    cost[i][j] = i + j;
                    continue;
                }
                int replaced = cost[i - 1][j - 1] + (a.charAt(i - 1) == b.charAt(j - 1) ? 0 : 1);
                cost[i][j] = Math.min(replaced, Math.min(cost[i - 1][j], cost[i][j - 1]) + 1);
                if (i > 1 && j > 1 && a.charAt(i - 1) == b.charAt(j - 2) && a.charAt(i - 2) == b.charAt(j - 1)) {
                    cost[i][j] = Math.min(cost[i][j], cost[i - 2][j - 2] + 1);
                }
            }
        }
        return cost[a.length()][b.length()];
    }

    private Similar() {}
}
