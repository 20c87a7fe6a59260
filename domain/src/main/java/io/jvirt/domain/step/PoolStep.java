// SPDX-License-Identifier: Apache-2.0
package io.jvirt.domain.step;

import io.jvirt.domain.journal.Step;
import io.jvirt.domain.journal.StepContext;
import io.jvirt.domain.journal.StepPlan;
import io.jvirt.domain.libvirt.Host;
import io.jvirt.domain.libvirt.LibvirtException;
import io.jvirt.domain.libvirt.Pool;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Defines a storage pool, makes its target, starts it. Undone by stopping and undefining it: what it holds stays, and so does its
 * directory, unless it was made here and is empty.
 */
public final class PoolStep implements Step {
    static final String KIND = "pool";

    /**
     * What is to be made.
     *
     * @param uuid of the pool in {@code xml}: whose it is that may be undone
     * @param build what of its target is made; null for nothing at all
     * @param makesDirectory whether that is a directory that was not there before
     */
    public record Spec(
            String name,
            String uuid,
            String xml,
            Pool.@Nullable Build build,
            boolean makesDirectory,
            boolean start,
            boolean autostart) {}

    private final Spec spec;

    public PoolStep(Spec spec) {
        this.spec = spec;
    }

    Spec spec() {
        return spec;
    }

    @Override
    public StepPlan plan() {
        Map<String, String> p = new LinkedHashMap<>();
        p.put("name", spec.name());
        p.put("uuid", spec.uuid());
        p.put("xml", spec.xml());
        Pool.Build build = spec.build();
        if (build != null) {
            p.put("build", build.name());
            p.put("makesDirectory", Boolean.toString(spec.makesDirectory()));
        }
        p.put("start", Boolean.toString(spec.start()));
        p.put("autostart", Boolean.toString(spec.autostart()));
        return new StepPlan(KIND, "define pool '" + spec.name() + "'" + (spec.start() ? " and start it" : ""), p);
    }

    static PoolStep read(StepPlan plan) {
        String build = plan.parameters().get("build");
        return new PoolStep(new Spec(
                Parameters.required(plan, "name"),
                Parameters.required(plan, "uuid"),
                Parameters.required(plan, "xml"),
                build == null ? null : Pool.Build.valueOf(build),
                Boolean.parseBoolean(plan.parameters().get("makesDirectory")),
                Boolean.parseBoolean(Parameters.required(plan, "start")),
                Boolean.parseBoolean(Parameters.required(plan, "autostart"))));
    }

    @Override
    public void perform(StepContext context) {
        try (Pool pool = Pool.define(context.host(), spec.xml())) {
            Pool.Build build = spec.build();
            if (build != null) {
                pool.build(build);
            }
            if (spec.start()) {
                pool.start();
            }
            if (spec.autostart()) {
                pool.setAutostart(true);
            }
        }
    }

    @Override
    public void undo(StepContext context) {
        Host host = context.host();
        try (Pool pool = Pool.withUuid(host, spec.uuid())) {
            if (pool == null) {
                return;
            }
            if (pool.isActive()) {
                pool.stop();
            }
            if (spec.makesDirectory()) {
                removeDirectory(pool);
            }
            if (pool.isPersistent()) {
                pool.undefine();
            }
        }
    }

    private static void removeDirectory(Pool pool) {
        try {
            pool.delete();
        } catch (LibvirtException e) {
            // It was not made yet, or something lies in it by now: that stays.
        }
    }
}
