// SPDX-License-Identifier: Apache-2.0
package io.jvirt.domain.migrate.step;

import io.jvirt.domain.journal.FinalStep;
import io.jvirt.domain.journal.StepContext;
import io.jvirt.domain.journal.StepPlan;
import io.jvirt.domain.libvirt.Pool;
import io.jvirt.domain.step.Parameters;
import java.util.LinkedHashMap;
import java.util.Map;

/** Takes away the pool of {@link DirectoryPoolStep}; the files stay. */
public final class ReleasePoolStep implements FinalStep {
    static final String KIND = "release-pool";

    private final String uri;
    private final String pool;

    public ReleasePoolStep(String uri, String pool) {
        this.uri = uri;
        this.pool = pool;
    }

    @Override
    public StepPlan plan() {
        Map<String, String> p = new LinkedHashMap<>();
        p.put("uri", uri);
        p.put("pool", pool);
        return new StepPlan(KIND, "close pool '" + pool + "' on " + uri, p);
    }

    static ReleasePoolStep read(StepPlan plan) {
        return new ReleasePoolStep(Parameters.required(plan, "uri"), Parameters.required(plan, "pool"));
    }

    @Override
    public void perform(StepContext context) {
        try (Pool there = Pool.named(context.host(uri), pool)) {
            if (there != null && there.isActive()) {
                TargetPools.whenIdle(there::stop);
            }
        }
    }
}
