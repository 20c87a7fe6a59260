// SPDX-License-Identifier: Apache-2.0
package io.jvirt.domain.journal;

import io.jvirt.domain.journal.JournalRecord.Adopted;
import io.jvirt.domain.journal.JournalRecord.Begin;
import io.jvirt.domain.journal.JournalRecord.Done;
import io.jvirt.domain.journal.JournalRecord.End;
import io.jvirt.domain.journal.JournalRecord.Fact;
import io.jvirt.domain.journal.JournalRecord.Failed;
import io.jvirt.domain.journal.JournalRecord.Intent;
import io.jvirt.domain.journal.JournalRecord.Undone;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** What an entry says: the plan, and how far it came. */
public final class JournalEntry {
    /** How far a step is. */
    public enum Progress {
        PLANNED,
        /** Announced; how much of it happened only a look can tell. */
        BEGUN,
        DONE,
        UNDONE
    }

    private final Path path;
    private final Begin begin;
    private final Progress[] progress;
    private final Map<String, String> facts = new HashMap<>();
    private Owner owner;
    private @Nullable String failure;
    private boolean ended;

    JournalEntry(Path path, List<JournalRecord> records) {
        this.path = path;
        this.begin = (Begin) records.get(0);
        this.owner = begin.owner();
        this.progress = new Progress[begin.steps().size()];
        Arrays.fill(progress, Progress.PLANNED);
        for (JournalRecord record : records.subList(1, records.size())) {
            apply(record);
        }
    }

    void apply(JournalRecord record) {
        if (record instanceof Adopted r) {
            owner = r.owner();
        } else if (record instanceof Intent r) {
            progress[r.step()] = Progress.BEGUN;
        } else if (record instanceof Fact r) {
            facts.put(r.step() + " " + r.name(), r.value());
        } else if (record instanceof Done r) {
            progress[r.step()] = Progress.DONE;
        } else if (record instanceof Failed r) {
            failure = r.reason();
        } else if (record instanceof Undone r) {
            progress[r.step()] = Progress.UNDONE;
        } else if (record instanceof End) {
            ended = true;
        }
    }

    public String id() {
        return begin.id();
    }

    public String verb() {
        return begin.verb();
    }

    /** The host's libvirt URI. */
    public String uri() {
        return begin.uri();
    }

    /** Names, and UUIDs where they are known, of the domains that the operation changes. */
    public List<String> domains() {
        return begin.domains();
    }

    /** When it began, ISO 8601 in UTC. */
    public String startedAt() {
        return begin.at();
    }

    public Owner owner() {
        return owner;
    }

    public List<StepPlan> steps() {
        return begin.steps();
    }

    public Progress progress(int step) {
        return progress[step];
    }

    /** Why it stopped, where it could still say so. */
    public @Nullable String failure() {
        return failure;
    }

    public Path path() {
        return path;
    }

    /** Nothing is left to do but to remove the file. */
    boolean isOver() {
        return ended;
    }

    /** A lock without steps whose owner is gone. */
    boolean isDeadLock() {
        return begin.steps().isEmpty() && !owner.mayBeAlive();
    }

    /** A rollback has been started: the way forward is closed. */
    public boolean isRollingBack() {
        for (Progress p : progress) {
            if (p == Progress.UNDONE) {
                return true;
            }
        }
        return false;
    }

    @Nullable
    String fact(int step, String name) {
        return facts.get(step + " " + name);
    }
}
