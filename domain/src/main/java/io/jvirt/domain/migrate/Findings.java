// SPDX-License-Identifier: Apache-2.0
package io.jvirt.domain.migrate;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Collects what the checks find. */
final class Findings {
    private final List<Finding> all = new ArrayList<>();

    void blocker(String subject, String text, @Nullable String solution) {
        add(new Finding(Finding.Kind.BLOCKER, subject, text, solution));
    }

    void remap(String subject, String text) {
        add(new Finding(Finding.Kind.REMAP, subject, text, null));
    }

    void note(String subject, String text) {
        add(new Finding(Finding.Kind.NOTE, subject, text, null));
    }

    private void add(Finding finding) {
        if (!all.contains(finding)) {
            all.add(finding);
        }
    }

    /** Blockers first. */
    List<Finding> sorted() {
        List<Finding> sorted = new ArrayList<>(all);
        sorted.sort((a, b) -> a.kind().compareTo(b.kind()));
        return sorted;
    }

    boolean hasBlocker() {
        return all.stream().anyMatch(finding -> finding.kind() == Finding.Kind.BLOCKER);
    }
}
