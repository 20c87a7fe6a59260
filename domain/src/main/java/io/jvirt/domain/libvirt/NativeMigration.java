// SPDX-License-Identifier: Apache-2.0
package io.jvirt.domain.libvirt;

import com.sun.jna.Pointer;
import org.jspecify.annotations.Nullable;

/** libvirt's functions on migrations. */
final class NativeMigration {
    static {
        NativeLoader.register(NativeMigration.class);
    }

    private NativeMigration() {}

    static native @Nullable Pointer virDomainMigrate3(
            Pointer domain, Pointer target, Pointer parameters, int count, int flags);

    static native int virDomainMigrateSetMaxDowntime(Pointer domain, long millis, int flags);

    static native int virDomainAbortJob(Pointer domain);
}
