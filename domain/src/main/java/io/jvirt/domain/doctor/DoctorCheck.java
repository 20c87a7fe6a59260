// SPDX-License-Identifier: Apache-2.0
package io.jvirt.domain.doctor;

import java.util.function.Consumer;

/** One question to the facts. Asks nobody else. */
interface DoctorCheck {
    void look(DoctorFacts facts, Consumer<Finding> found);
}
