// SPDX-License-Identifier: Apache-2.0
package io.jvirt.domain.migrate.step;

import io.jvirt.domain.libvirt.Domain;
import io.jvirt.domain.libvirt.UndefineOption;
import io.jvirt.domain.step.Undefining;
import io.jvirt.domain.xml.DomainXml;
import java.util.EnumSet;

/** Takes a definition away, and leaves the files: they are the affair of other steps. */
final class MovedDefinition {
    private MovedDefinition() {}

    static void undefine(Domain domain) {
        EnumSet<UndefineOption> options = EnumSet.of(
                UndefineOption.MANAGED_SAVE,
                UndefineOption.SNAPSHOTS_METADATA,
                UndefineOption.CHECKPOINTS_METADATA,
                UndefineOption.KEEP_NVRAM);
        // An older libvirt knows neither the option nor to delete the state.
        if (!DomainXml.parse(domain.inactiveXml()).tpms().isEmpty()) {
            options.add(UndefineOption.KEEP_TPM);
        }
        Undefining.undefine(domain, options);
    }
}
