// SPDX-License-Identifier: Apache-2.0
package io.jvirt.domain.migrate.step;

import io.jvirt.domain.journal.Step;
import io.jvirt.domain.journal.StepContext;
import io.jvirt.domain.journal.StepPlan;
import io.jvirt.domain.step.Parameters;
import java.util.Map;

/** Sends what of a file has changed since it was sent. */
public final class RefreshStep implements Step {
    static final String KIND = "refresh";

    private final Shipment shipment;
    private final long bytesPerSecond;

    public RefreshStep(Shipment shipment, long bytesPerSecond) {
        this.shipment = shipment;
        this.bytesPerSecond = bytesPerSecond;
    }

    @Override
    public StepPlan plan() {
        Map<String, String> p = shipment.parameters();
        p.put("bytesPerSecond", Long.toString(bytesPerSecond));
        return new StepPlan(KIND, "send what has changed of " + shipment.source(), p);
    }

    static RefreshStep read(StepPlan plan) {
        return new RefreshStep(Shipment.read(plan), Long.parseLong(Parameters.required(plan, "bytesPerSecond")));
    }

    @Override
    public boolean isResumable() {
        return true;
    }

    @Override
    public void perform(StepContext context) throws Exception {
        new Sending(shipment, bytesPerSecond, context).update();
    }

    /** What is there goes with the step that sent it. */
    @Override
    public void undo(StepContext context) {}
}
