// SPDX-License-Identifier: Apache-2.0
package io.jvirt.domain.step;

import io.jvirt.domain.ShellWord;
import io.jvirt.domain.journal.ResumableException;
import io.jvirt.domain.journal.Step;
import io.jvirt.domain.journal.StepContext;
import io.jvirt.domain.journal.StepPlan;
import io.jvirt.domain.libvirt.DiskOverlay;
import io.jvirt.domain.libvirt.Domain;
import io.jvirt.domain.libvirt.LibvirtException;
import io.jvirt.domain.libvirt.Snapshot;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * Has libvirt delete an external snapshot of a domain that runs, and removes the file with its memory, which libvirt leaves.
 * The file goes behind the snapshot, whichever way the step is gone: one that is refused keeps both.
 *
 * <p>libvirt merges on where jvirt was killed, and the snapshot is there until it has merged: what comes after a crash waits for that.
 */
public final class LiveSnapshotDeleteStep implements Step {
    static final String KIND = "live-snapshot-delete";

    /** The fact whether libvirt was asked and has not answered. */
    private static final String ASKED = "asked";

    private static final String YES = "yes";
    private static final String REFUSED = "refused";
    private static final Duration PATIENCE = Duration.ofSeconds(30);
    private static final long POLL_MILLIS = 250;

    private final String name;
    private final String uuid;
    private final String snapshot;
    private final Path memory;
    private final @Nullable FileIdentity identity;
    private final Predicate<Domain> isMerging;
    private final Duration patience;

    /** @param memory the file with the memory, which exists */
    public LiveSnapshotDeleteStep(String name, String uuid, String snapshot, Path memory) throws IOException {
        this(name, uuid, snapshot, memory, FileIdentity.of(memory), DiskOverlay::isMerging, PATIENCE);
    }

    /** @param patience how long it waits for what libvirt was asked before a crash */
    LiveSnapshotDeleteStep(
            String name,
            String uuid,
            String snapshot,
            Path memory,
            @Nullable FileIdentity identity,
            Predicate<Domain> isMerging,
            Duration patience) {
        this.name = name;
        this.uuid = uuid;
        this.snapshot = snapshot;
        this.memory = memory;
        this.identity = identity;
        this.isMerging = isMerging;
        this.patience = patience;
    }

    @Override
    public StepPlan plan() {
        Map<String, String> p = new LinkedHashMap<>();
        p.put("name", name);
        p.put("uuid", uuid);
        p.put("snapshot", snapshot);
        p.put("memory", memory.toString());
        p.put("inode", String.valueOf(identity));
        return new StepPlan(
                KIND, "remove snapshot '" + snapshot + "' of domain '" + name + "' and its memory " + memory, p);
    }

    static LiveSnapshotDeleteStep read(StepPlan plan) {
        return new LiveSnapshotDeleteStep(
                Parameters.required(plan, "name"),
                Parameters.required(plan, "uuid"),
                Parameters.required(plan, "snapshot"),
                Path.of(Parameters.required(plan, "memory")),
                FileIdentity.parse(Parameters.required(plan, "inode")),
                DiskOverlay::isMerging,
                PATIENCE);
    }

    @Override
    public void perform(StepContext context) throws Exception {
        try (Domain domain = context.host().domainWithUuid(uuid)) {
            awaitMerge(context, domain);
            try (Snapshot there = domain == null ? null : Snapshot.named(domain, snapshot)) {
                if (there != null) {
                    delete(context, there);
                }
            }
        }
        removeMemory();
    }

    private static void delete(StepContext context, Snapshot there) throws IOException {
        context.note(ASKED, YES);
        try {
            there.delete(false);
        } catch (LibvirtException e) {
            if (context.host().isAlive()) {
                context.note(ASKED, REFUSED);
            }
            throw e;
        }
    }

    @Override
    public void undo(StepContext context) throws Exception {
        try (Domain domain = context.host().domainWithUuid(uuid)) {
            awaitMerge(context, domain);
            try (Snapshot there = domain == null ? null : Snapshot.named(domain, snapshot)) {
                if (there != null) {
                    return;
                }
            }
        }
        removeMemory();
    }

    private void awaitMerge(StepContext context, @Nullable Domain domain) throws InterruptedException {
        if (domain == null || !YES.equals(context.noted(ASKED))) {
            return;
        }
        long end = System.nanoTime() + patience.toNanos();
        for (boolean isTold = false; isMerging.test(domain); isTold = true) {
            if (System.nanoTime() - end > 0) {
                throw new ResumableException(
                        "libvirt is still merging snapshot '" + snapshot + "' of domain '" + name
                                + "', and until it has, its memory stays in " + memory,
                        "when that has ended (jvirt snapshot list " + ShellWord.quoted(name) + "): jvirt recover "
                                + ShellWord.quoted(name) + " --rollback",
                        null);
            }
            if (!isTold) {
                context.report("libvirt is still merging snapshot '" + snapshot + "' of domain '" + name + "'");
            }
            Thread.sleep(POLL_MILLIS);
        }
    }

    private void removeMemory() throws IOException {
        if (identity != null && identity.isThatOf(memory)) {
            Files.deleteIfExists(memory);
            Directories.sync(memory);
        }
    }
}
