// SPDX-License-Identifier: Apache-2.0
package io.jvirt.domain.step;

import io.jvirt.domain.journal.Step;
import io.jvirt.domain.journal.StepContext;
import io.jvirt.domain.journal.StepPlan;
import io.jvirt.domain.libvirt.Domain;
import io.jvirt.domain.libvirt.Snapshot;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Has libvirt delete an external snapshot of a domain that runs, and removes the file with its memory, which libvirt leaves.
 * The file goes behind the snapshot, whichever way the step is gone: one that is refused keeps both.
 */
public final class LiveSnapshotDeleteStep implements Step {
    static final String KIND = "live-snapshot-delete";

    private final String name;
    private final String uuid;
    private final String snapshot;
    private final Path memory;
    private final @Nullable FileIdentity identity;

    /** @param memory the file with the memory, which exists */
    public LiveSnapshotDeleteStep(String name, String uuid, String snapshot, Path memory) throws IOException {
        this(name, uuid, snapshot, memory, FileIdentity.of(memory));
    }

    private LiveSnapshotDeleteStep(
            String name, String uuid, String snapshot, Path memory, @Nullable FileIdentity identity) {
        this.name = name;
        this.uuid = uuid;
        this.snapshot = snapshot;
        this.memory = memory;
        this.identity = identity;
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
                FileIdentity.parse(Parameters.required(plan, "inode")));
    }

    @Override
    public void perform(StepContext context) throws Exception {
        try (Domain domain = context.host().domainWithUuid(uuid);
                Snapshot there = domain == null ? null : Snapshot.named(domain, snapshot)) {
            if (there != null) {
                there.delete(false);
            }
        }
        removeMemory();
    }

    @Override
    public void undo(StepContext context) throws Exception {
        try (Domain domain = context.host().domainWithUuid(uuid);
                Snapshot there = domain == null ? null : Snapshot.named(domain, snapshot)) {
            if (there != null) {
                return;
            }
        }
        removeMemory();
    }

    private void removeMemory() throws IOException {
        if (identity != null && identity.isThatOf(memory)) {
            Files.deleteIfExists(memory);
            Directories.sync(memory);
        }
    }
}
