// SPDX-License-Identifier: Apache-2.0
package io.jvirt.domain.step;

import io.jvirt.domain.libvirt.Domain;
import io.jvirt.domain.libvirt.LibvirtException;
import io.jvirt.domain.libvirt.UndefineOption;
import java.util.EnumSet;
import java.util.Set;

/** Removes a definition with as much of what belongs to it as the hypervisor knows about. */
public final class Undefining {
    private Undefining() {}

    /** Asks for all the options; where the driver knows only some, for the ones that all know. */
    public static void undefine(Domain domain, Set<UndefineOption> wanted) {
        try {
            domain.undefine(wanted);
        } catch (LibvirtException e) {
            if (!e.reason().contains("unsupported flags")) {
                throw e;
            }
            Set<UndefineOption> common = EnumSet.of(UndefineOption.MANAGED_SAVE, UndefineOption.SNAPSHOTS_METADATA);
            common.retainAll(wanted);
            domain.undefine(common);
        }
    }
}
