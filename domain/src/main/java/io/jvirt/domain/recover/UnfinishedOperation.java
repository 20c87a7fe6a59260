// SPDX-License-Identifier: Apache-2.0
package io.jvirt.domain.recover;

import io.jvirt.domain.journal.JournalEntry;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * An operation in the journal, as it is shown.
 *
 * @param domains names and UUIDs
 * @param pid the process that began it
 * @param isRunning that process may still be at work
 * @param failure why it stopped, where it could still say so
 */
public record UnfinishedOperation(
        String id,
        String verb,
        String uri,
        List<String> domains,
        String startedAt,
        long pid,
        String hostname,
        boolean isRunning,
        @Nullable String failure,
        List<Step> steps) {
    /**
     * A step.
     *
     * @param progress planned, begun, done or undone
     */
    public record Step(String summary, String progress) {}

    static UnfinishedOperation of(JournalEntry entry) {
        List<Step> steps = new ArrayList<>();
        for (int i = 0; i < entry.steps().size(); i++) {
            steps.add(new Step(
                    entry.steps().get(i).summary(), entry.progress(i).name().toLowerCase(Locale.ROOT)));
        }
        return new UnfinishedOperation(
                entry.id(),
                entry.verb(),
                entry.uri(),
                entry.domains(),
                entry.startedAt(),
                entry.owner().pid(),
                entry.owner().hostname(),
                entry.owner().mayBeAlive(),
                entry.failure(),
                steps);
    }
}
