// SPDX-License-Identifier: Apache-2.0
package io.jvirt.domain.migrate.step;

import io.jvirt.domain.journal.Step;
import io.jvirt.domain.journal.StepPlan;
import org.jspecify.annotations.Nullable;

/** Every kind of step of a migration. */
public final class MoveSteps {
    private MoveSteps() {}

    /** Null for a step of another verb. */
    public static @Nullable Step read(StepPlan plan) {
        return switch (plan.kind()) {
            case DirectoryPoolStep.KIND -> DirectoryPoolStep.read(plan);
            case ReleasePoolStep.KIND -> ReleasePoolStep.read(plan);
            case SendStep.KIND -> SendStep.read(plan);
            case VerifyStep.KIND -> VerifyStep.read(plan);
            case DefineLockedStep.KIND -> DefineLockedStep.read(plan);
            case LockSourceStep.KIND -> LockSourceStep.read(plan);
            case UndefineSourceStep.KIND -> UndefineSourceStep.read(plan);
            case UnlockTargetStep.KIND -> UnlockTargetStep.read(plan);
            case TargetVolumeStep.KIND -> TargetVolumeStep.read(plan);
            case LiveStep.KIND -> LiveStep.read(plan);
            case OverlayStep.KIND -> OverlayStep.read(plan);
            case StopSourceStep.KIND -> StopSourceStep.read(plan);
            case TakeOffStep.KIND -> TakeOffStep.read(plan);
            case RefreshStep.KIND -> RefreshStep.read(plan);
            case StartTargetStep.KIND -> StartTargetStep.read(plan);
            case LockSavedStep.KIND -> LockSavedStep.read(plan);
            case UnlockSavedStep.KIND -> UnlockSavedStep.read(plan);
            case UnlockTrashedStep.KIND -> UnlockTrashedStep.read(plan);
            default -> null;
        };
    }
}
