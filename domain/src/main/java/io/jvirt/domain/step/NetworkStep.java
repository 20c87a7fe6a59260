// SPDX-License-Identifier: Apache-2.0
package io.jvirt.domain.step;

import io.jvirt.domain.journal.Step;
import io.jvirt.domain.journal.StepContext;
import io.jvirt.domain.journal.StepPlan;
import io.jvirt.domain.libvirt.Network;
import java.util.LinkedHashMap;
import java.util.Map;

/** Defines a virtual network and starts it. Undone by stopping and undefining it. */
public final class NetworkStep implements Step {
    static final String KIND = "network";

    /**
     * What is to be made.
     *
     * @param uuid of the network in {@code xml}: whose it is that may be undone
     */
    public record Spec(String name, String uuid, String xml, boolean start, boolean autostart) {}

    private final Spec spec;

    public NetworkStep(Spec spec) {
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
        p.put("start", Boolean.toString(spec.start()));
        p.put("autostart", Boolean.toString(spec.autostart()));
        return new StepPlan(KIND, "define network '" + spec.name() + "'" + (spec.start() ? " and start it" : ""), p);
    }

    static NetworkStep read(StepPlan plan) {
        return new NetworkStep(new Spec(
                Parameters.required(plan, "name"),
                Parameters.required(plan, "uuid"),
                Parameters.required(plan, "xml"),
                Boolean.parseBoolean(Parameters.required(plan, "start")),
                Boolean.parseBoolean(Parameters.required(plan, "autostart"))));
    }

    @Override
    public void perform(StepContext context) {
        try (Network network = Network.define(context.host(), spec.xml())) {
            if (spec.start()) {
                network.start();
            }
            if (spec.autostart()) {
                network.setAutostart(true);
            }
        }
    }

    @Override
    public void undo(StepContext context) {
        try (Network network = Network.withUuid(context.host(), spec.uuid())) {
            if (network == null) {
                return;
            }
            if (network.isActive()) {
                network.stop();
            }
            if (network.isPersistent()) {
                network.undefine();
            }
        }
    }
}
