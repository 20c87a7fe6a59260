// SPDX-License-Identifier: Apache-2.0
package io.jvirt.domain.migrate;

import io.jvirt.domain.journal.Step;
import io.jvirt.domain.libvirt.LiveMigration;
import io.jvirt.domain.migrate.step.LiveStep;
import io.jvirt.domain.step.AutostartStep;
import io.jvirt.domain.step.StepDomain;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;

/** A running domain: libvirt copies memory and those disks that are not shared into images that are made for it. */
final class LivePlanner {
    private static final long MEBIBYTE = 1L << 20;

    private LivePlanner() {}

    static List<Step> steps(Move move, FilePlan files, List<Step> trashing) {
        MigrateRequest request = move.request();
        String uri = request.targetUri();
        long rate = (request.bytesPerSecond() + MEBIBYTE - 1) / MEBIBYTE;
        LiveMigration migration = new LiveMigration(
                TargetDefinition.of(move, move.domain().xml(false, true, true), files),
                TargetDefinition.of(move, files),
                move.targetName(),
                files.liveDisks(),
                rate);
        List<Step> steps = new ArrayList<>(files.liveSteps(uri));
        steps.add(new LiveStep(
                uri,
                move.uuid(),
                migration,
                Objects.requireNonNull(request.live()).downtimeMillis()));
        if (move.domain().autostart()) {
            steps.add(new AutostartStep(new StepDomain(uri, move.targetName(), move.uuid())));
        }
        steps.addAll(trashing);
        steps.addAll(files.releaseSteps(uri));
        return steps;
    }
}
