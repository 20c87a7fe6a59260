// SPDX-License-Identifier: Apache-2.0
package io.jvirt.domain.step;

import io.jvirt.domain.journal.Step;
import io.jvirt.domain.journal.StepContext;
import io.jvirt.domain.journal.StepPlan;
import io.jvirt.domain.libvirt.Network;

/** Stops a virtual network and undefines it: what {@link NetworkStep} does, the other way round. */
public final class NetworkRemoveStep implements Step {
    static final String KIND = "network-remove";

    private final NetworkStep.Spec was;

    /** @param was the network as it was */
    public NetworkRemoveStep(NetworkStep.Spec was) {
        this.was = was;
    }

    @Override
    public StepPlan plan() {
        return new StepPlan(
                KIND,
                "remove network '" + was.name() + "'",
                new NetworkStep(was).plan().parameters());
    }

    static NetworkRemoveStep read(StepPlan plan) {
        return new NetworkRemoveStep(NetworkStep.read(plan).spec());
    }

    @Override
    public void perform(StepContext context) {
        new NetworkStep(was).undo(context);
    }

    @Override
    public void undo(StepContext context) {
        try (Network there = Network.withUuid(context.host(), was.uuid());
                Network network = there == null ? Network.define(context.host(), was.xml()) : there) {
            if (was.start() && !network.isActive()) {
                network.start();
            }
            if (was.autostart() && !network.autostart()) {
                network.setAutostart(true);
            }
        }
    }
}
