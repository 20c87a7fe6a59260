// SPDX-License-Identifier: Apache-2.0
package io.jvirt.domain.doctor;

import io.jvirt.domain.doctor.Finding.Severity;
import io.jvirt.domain.recover.UnfinishedOperation;
import java.util.function.Consumer;

/** Operations that were cut off, and places that nobody could look at. */
final class Leftovers implements DoctorCheck {
    @Override
    public void look(DoctorFacts facts, Consumer<Finding> found) {
        for (UnfinishedOperation operation : facts.operations()) {
            if (!operation.isRunning()) {
                found.accept(new Finding(
                        Severity.ERROR,
                        "unfinished-operation",
                        "'" + operation.verb() + "'"
                                + (operation.domains().isEmpty()
                                        ? ""
                                        : " of '" + operation.domains().get(0) + "'"),
                        "it was cut off, begun at " + operation.startedAt(),
                        "jvirt recover " + operation.id()));
            }
        }
        for (DoctorFacts.Unseen spot : facts.unseen()) {
            found.accept(new Finding(
                    Severity.WARNING,
                    "blind-spot",
                    spot.place(),
                    "it could not be looked at: " + spot.reason(),
                    "mend it, then run jvirt doctor again"));
        }
    }
}
