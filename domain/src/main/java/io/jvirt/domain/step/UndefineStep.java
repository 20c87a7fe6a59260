// SPDX-License-Identifier: Apache-2.0
package io.jvirt.domain.step;

import io.jvirt.domain.journal.FinalStep;
import io.jvirt.domain.journal.StepContext;
import io.jvirt.domain.journal.StepPlan;
import io.jvirt.domain.libvirt.Domain;
import io.jvirt.domain.libvirt.UndefineOption;
import java.util.EnumSet;
import java.util.LinkedHashMap;
import java.util.Map;

/** Removes a definition with its NVRAM, saved state and the metadata of its snapshots and checkpoints. */
public final class UndefineStep implements FinalStep {
    static final String KIND = "undefine";

    private final String name;
    private final String uuid;
    private final boolean hasTpm;
    private final boolean keepsFiles;

    /**
     * Plans it.
     *
     * @param hasTpm there may be TPM state, which libvirt otherwise knows nothing of
     * @param keepsFiles NVRAM and TPM state stay, or have been moved away; else they go too
     */
    public UndefineStep(String name, String uuid, boolean hasTpm, boolean keepsFiles) {
        this.name = name;
        this.uuid = uuid;
        this.hasTpm = hasTpm;
        this.keepsFiles = keepsFiles;
    }

    @Override
    public StepPlan plan() {
        Map<String, String> p = new LinkedHashMap<>();
        p.put("name", name);
        p.put("uuid", uuid);
        p.put("tpm", Boolean.toString(hasTpm));
        p.put("keep", Boolean.toString(keepsFiles));
        return new StepPlan(KIND, "undefine domain '" + name + "'", p);
    }

    static UndefineStep read(StepPlan plan) {
        return new UndefineStep(
                Parameters.required(plan, "name"),
                Parameters.required(plan, "uuid"),
                Boolean.parseBoolean(Parameters.required(plan, "tpm")),
                Boolean.parseBoolean(plan.parameters().get("keep")));
    }

    @Override
    public void perform(StepContext context) {
        try (Domain domain = context.host().domainWithUuid(uuid)) {
            if (domain == null || !domain.isPersistent()) {
                return;
            }
            EnumSet<UndefineOption> options = EnumSet.of(
                    UndefineOption.MANAGED_SAVE,
                    UndefineOption.SNAPSHOTS_METADATA,
                    UndefineOption.CHECKPOINTS_METADATA,
                    keepsFiles ? UndefineOption.KEEP_NVRAM : UndefineOption.NVRAM);
            if (hasTpm) {
                options.add(keepsFiles ? UndefineOption.KEEP_TPM : UndefineOption.TPM);
            }
            Undefining.undefine(domain, options);
        }
    }
}
