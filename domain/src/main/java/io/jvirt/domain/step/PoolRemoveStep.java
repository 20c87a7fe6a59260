// SPDX-License-Identifier: Apache-2.0
package io.jvirt.domain.step;

import io.jvirt.domain.journal.Step;
import io.jvirt.domain.journal.StepContext;
import io.jvirt.domain.journal.StepPlan;
import io.jvirt.domain.libvirt.LibvirtException;
import io.jvirt.domain.libvirt.Pool;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * Stops a storage pool, removes what it consists of where that is asked for (it is empty), and undefines it: what {@link
 * PoolStep} does, the other way round.
 */
public final class PoolRemoveStep implements Step {
    static final String KIND = "pool-remove";

    private final PoolStep.Spec was;
    private final boolean storage;

    /**
     * Plans it.
     *
     * @param was the pool as it was; nothing is built
     * @param storage its empty directory or volume group goes too
     */
    public PoolRemoveStep(PoolStep.Spec was, boolean storage) {
        this.was = was;
        this.storage = storage;
    }

    @Override
    public StepPlan plan() {
        Map<String, String> p = new LinkedHashMap<>(new PoolStep(was).plan().parameters());
        p.put("storage", Boolean.toString(storage));
        return new StepPlan(KIND, "remove pool '" + was.name() + "'" + (storage ? " and its storage" : ""), p);
    }

    static PoolRemoveStep read(StepPlan plan) {
        return new PoolRemoveStep(
                PoolStep.read(plan).spec(), Boolean.parseBoolean(Parameters.required(plan, "storage")));
    }

    @Override
    public void perform(StepContext context) {
        if (storage) {
            try (Pool pool = Pool.withUuid(context.host(), was.uuid())) {
                if (pool != null && pool.isActive()) {
                    pool.stop();
                }
                if (pool != null) {
                    pool.delete();
                }
            }
        }
        new PoolStep(was).undo(context);
    }

    @Override
    public void undo(StepContext context) {
        try (Pool there = Pool.withUuid(context.host(), was.uuid());
                Pool pool = there == null ? Pool.define(context.host(), was.xml()) : there) {
            if (was.start() && !pool.isActive()) {
                start(pool);
            }
            if (was.autostart() && !pool.autostart()) {
                pool.setAutostart(true);
            }
        }
    }

    private void start(Pool pool) {
        try {
            pool.start();
        } catch (LibvirtException e) {
            if (!storage) {
                throw e;
            }
            // What it consisted of is gone already; it was empty.
            pool.build();
            pool.start();
        }
    }
}
