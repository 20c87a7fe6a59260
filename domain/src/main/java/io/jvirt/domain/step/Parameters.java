// SPDX-License-Identifier: Apache-2.0
package io.jvirt.domain.step;

import io.jvirt.domain.JvirtException;
import io.jvirt.domain.journal.StepPlan;

/** Reads a plan's parameters. */
public final class Parameters {
    private Parameters() {}

    public static String required(StepPlan plan, String name) {
        String value = plan.parameters().get(name);
        if (value == null) {
            throw new JvirtException(
                    JvirtException.Kind.NEEDS_RECOVERY,
                    "the journal's step '" + plan.kind() + "' has no '" + name + "'",
                    "recover it with the version of jvirt that wrote it");
        }
        return value;
    }
}
