// SPDX-License-Identifier: Apache-2.0
package io.jvirt.domain.journal;

/** Rebuilds steps from their plans. */
@FunctionalInterface
public interface StepReader {
    Step read(StepPlan plan);
}
