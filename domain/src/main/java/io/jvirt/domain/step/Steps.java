// SPDX-License-Identifier: Apache-2.0
package io.jvirt.domain.step;

import io.jvirt.domain.JvirtException;
import io.jvirt.domain.clone.SendClonesStep;
import io.jvirt.domain.journal.Journal;
import io.jvirt.domain.journal.StateDirectory;
import io.jvirt.domain.journal.Step;
import io.jvirt.domain.journal.StepPlan;
import io.jvirt.domain.migrate.step.MoveSteps;
import java.nio.file.Path;

/** Every kind of step that a journal may hold. */
public final class Steps {
    private Steps() {}

    /** This user's journal. */
    public static Journal journal() {
        return journal(StateDirectory.current());
    }

    public static Journal journal(Path stateDirectory) {
        return new Journal(stateDirectory, Steps::read);
    }

    public static Step read(StepPlan plan) {
        return switch (plan.kind()) {
            case DiskFileStep.KIND -> DiskFileStep.read(plan);
            case RedefineStep.KIND -> RedefineStep.read(plan);
            case RenameStep.KIND -> RenameStep.read(plan);
            case SnapshotCurrentStep.KIND -> SnapshotCurrentStep.read(plan);
            case ForgetSnapshotStep.KIND -> ForgetSnapshotStep.read(plan);
            case LiveSnapshotDeleteStep.KIND -> LiveSnapshotDeleteStep.read(plan);
            case CommitStep.KIND -> CommitStep.read(plan);
            case SetAsideStep.KIND -> SetAsideStep.read(plan);
            case SysprepStep.KIND -> SysprepStep.read(plan);
            case MergeBackStep.KIND -> MergeBackStep.read(plan);
            case RebaseStep.KIND -> RebaseStep.read(plan);
            case ImageNamesStep.KIND -> ImageNamesStep.read(plan);
            case ProtectBaseStep.KIND -> ProtectBaseStep.read(plan);
            case VolumeStep.KIND -> VolumeStep.read(plan);
            case StagedFileStep.KIND -> StagedFileStep.read(plan);
            case SeedStep.KIND -> SeedStep.read(plan);
            case UnstageStep.KIND -> UnstageStep.read(plan);
            case StagedVolumeStep.KIND -> StagedVolumeStep.read(plan);
            case UnstageVolumeStep.KIND -> UnstageVolumeStep.read(plan);
            case DestroyStep.KIND -> DestroyStep.read(plan);
            case UndefineStep.KIND -> UndefineStep.read(plan);
            case DeleteFileStep.KIND -> DeleteFileStep.read(plan);
            case DeleteVolumeStep.KIND -> DeleteVolumeStep.read(plan);
            case DefineStep.KIND -> DefineStep.read(plan);
            case MoveFileStep.KIND -> MoveFileStep.read(plan);
            case SnapshotMetadataStep.KIND,
                    SnapshotMetadataStep.TARGET_SNAPSHOT_KIND,
                    SnapshotMetadataStep.TARGET_CHECKPOINT_KIND -> SnapshotMetadataStep.read(plan);
            case TrashRecordStep.KIND -> TrashRecordStep.read(plan);
            case TrashRemoveStep.KIND -> TrashRemoveStep.read(plan);
            case LiveChangeStep.KIND -> LiveChangeStep.read(plan);
            case ResizeDiskStep.KIND -> ResizeDiskStep.read(plan);
            case StartStep.KIND -> StartStep.read(plan);
            case AutostartStep.KIND, AutostartStep.TARGET_KIND -> AutostartStep.read(plan);
            case PoolStep.KIND -> PoolStep.read(plan);
            case NetworkStep.KIND -> NetworkStep.read(plan);
            case PoolRemoveStep.KIND -> PoolRemoveStep.read(plan);
            case NetworkRemoveStep.KIND -> NetworkRemoveStep.read(plan);
            case TemplateMarkStep.KIND -> TemplateMarkStep.read(plan);
            case TemplateFileStep.KIND -> TemplateFileStep.read(plan);
            case SendClonesStep.KIND -> SendClonesStep.read(plan);
            case UploadStep.KIND -> UploadStep.read(plan);
            default -> readMove(plan);
        };
    }

    private static Step readMove(StepPlan plan) {
        Step step = MoveSteps.read(plan);
        if (step == null) {
            throw new JvirtException(
                    JvirtException.Kind.NEEDS_RECOVERY,
                    "the journal has a step of the unknown kind '" + plan.kind() + "'",
                    "recover it with the version of jvirt that wrote it");
        }
        return step;
    }
}
