// SPDX-License-Identifier: Apache-2.0
package io.jvirt.domain.doctor;

import io.jvirt.domain.doctor.Finding.Severity;
import io.jvirt.domain.reference.DomainFile;
import java.util.HashSet;
import java.util.Set;
import java.util.function.Consumer;

/** Directories that QEMU's user cannot enter: libvirt gives it the files, not the way to them. */
final class Access implements DoctorCheck {
    @Override
    public void look(DoctorFacts facts, Consumer<Finding> found) {
        Set<String> told = new HashSet<>();
        for (DomainFile file : facts.domainFiles()) {
            String closed =
                    facts.isActive(file.domain()) ? null : facts.images().closedDirectory(file.path());
            if (closed != null && told.add(file.domain() + "\n" + closed)) {
                found.accept(new Finding(
                        Severity.WARNING,
                        "closed-directory",
                        "domain '" + file.domain() + "'",
                        "QEMU's user may not enter " + closed + " to open " + file.path(),
                        "chmod o+x " + closed));
            }
        }
    }
}
