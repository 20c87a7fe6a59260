// SPDX-License-Identifier: Apache-2.0
package io.jvirt.domain.clone;

import io.jvirt.domain.JvirtException;
import org.jspecify.annotations.Nullable;

/** How a clone's guest gets an identity of its own. */
public enum IdentityReset {
    NONE,
    /** By cloud-init in the guest at its first boot. */
    CLOUD_INIT,
    /** By virt-sysprep in the disks, before any boot. */
    SYSPREP,
    /** By cloud-init where the clone is started, else by virt-sysprep. */
    AUTO;

    /** @param text null where it does not matter */
    public static IdentityReset parse(@Nullable String text) {
        if (text == null) {
            return AUTO;
        }
        return switch (text) {
            case "cloud-init" -> CLOUD_INIT;
            case "sysprep", "virt-sysprep" -> SYSPREP;
            default ->
                throw JvirtException.usage("--identity-by cannot be '" + text + "'", "it is cloud-init or sysprep");
        };
    }

    /** Never AUTO. */
    IdentityReset resolved(boolean starts, boolean hasSysprep) {
        if (this != AUTO) {
            return this;
        }
        return starts || !hasSysprep ? CLOUD_INIT : SYSPREP;
    }
}
