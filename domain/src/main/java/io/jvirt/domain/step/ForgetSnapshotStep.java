// SPDX-License-Identifier: Apache-2.0
package io.jvirt.domain.step;

import io.jvirt.domain.journal.FinalStep;
import io.jvirt.domain.journal.StepContext;
import io.jvirt.domain.journal.StepPlan;
import io.jvirt.domain.libvirt.Domain;
import io.jvirt.domain.libvirt.Snapshot;
import java.util.LinkedHashMap;
import java.util.Map;

/** Has libvirt forget a snapshot whose images are dealt with. */
public final class ForgetSnapshotStep implements FinalStep {
    static final String KIND = "forget-snapshot";

    private final String name;
    private final String uuid;
    private final String snapshot;

    public ForgetSnapshotStep(String name, String uuid, String snapshot) {
        this.name = name;
        this.uuid = uuid;
        this.snapshot = snapshot;
    }

    @Override
    public StepPlan plan() {
        Map<String, String> p = new LinkedHashMap<>();
        p.put("name", name);
        p.put("uuid", uuid);
        p.put("snapshot", snapshot);
        return new StepPlan(KIND, "remove snapshot '" + snapshot + "' of domain '" + name + "'", p);
    }

    static ForgetSnapshotStep read(StepPlan plan) {
        return new ForgetSnapshotStep(
                Parameters.required(plan, "name"),
                Parameters.required(plan, "uuid"),
                Parameters.required(plan, "snapshot"));
    }

    @Override
    public void perform(StepContext context) {
        try (Domain domain = context.host().domainWithUuid(uuid)) {
            if (domain == null) {
                return;
            }
            try (Snapshot there = Snapshot.named(domain, snapshot)) {
                if (there != null) {
                    there.forget();
                }
            }
        }
    }
}
