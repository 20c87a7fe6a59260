// SPDX-License-Identifier: Apache-2.0
package io.jvirt.domain.create;

import io.jvirt.domain.cloudinit.CloudInit;
import io.jvirt.storage.ImageFormat;
import io.jvirt.storage.Preallocation;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What {@code create} is asked for, as it was written. Null and empty stand for what was not said.
 *
 * @param disks the {@code --disk}s; with a boot source that is an image, the first one says how large it becomes
 * @param format of the disks that do not say their own; null for qcow2
 * @param pool null for the default one
 * @param directory where disks go instead of a pool
 * @param preallocation of the disks that do not say their own
 * @param cpu {@code host-model}, {@code host-passthrough}, {@code maximum} or a model
 * @param hardware what the guest's system needs
 * @param networks null for one on the default network; empty for none
 * @param graphics {@code none}, {@code vnc} or {@code spice}
 * @param source what there is to boot from
 * @param extraArguments for an installer's kernel
 * @param start null: if there is something to boot from
 * @param cloudInit what the guest is told at its first boot, or null
 */
public record CreateRequest(
        String name,
        List<DiskRequest> disks,
        @Nullable ImageFormat format,
        @Nullable String pool,
        @Nullable String directory,
        @Nullable Preallocation preallocation,
        long memoryBytes,
        int vcpus,
        @Nullable String cpu,
        @Nullable String machine,
        GuestHardware hardware,
        @Nullable List<NetworkRequest> networks,
        @Nullable String graphics,
        BootSource source,
        @Nullable String extraArguments,
        @Nullable String osVariant,
        @Nullable String title,
        @Nullable String description,
        boolean autostart,
        @Nullable Boolean start,
        @Nullable CloudInit cloudInit) {

    /** The same machine with another source. */
    public CreateRequest withSource(BootSource other) {
        return new CreateRequest(
                name,
                disks,
                format,
                pool,
                directory,
                preallocation,
                memoryBytes,
                vcpus,
                cpu,
                machine,
                hardware,
                networks,
                graphics,
                other,
                extraArguments,
                osVariant,
                title,
                description,
                autostart,
                start,
                cloudInit);
    }

    public static final long DEFAULT_MEMORY_BYTES = 2L << 30;
    public static final int DEFAULT_VCPUS = 2;
    public static final long DEFAULT_DISK_BYTES = 10L << 30;

    /** Whether the machine has anything to run at its first start. */
    boolean canBoot() {
        return !(source instanceof BootSource.Nothing)
                || (!disks.isEmpty() && disks.get(0).base() != null);
    }

    /** Nothing but a name, for disks of a machine that exists. */
    static CreateRequest disksOf(String name) {
        return new CreateRequest(
                name,
                List.of(),
                null,
                null,
                null,
                null,
                DEFAULT_MEMORY_BYTES,
                DEFAULT_VCPUS,
                null,
                null,
                GuestHardware.PLAIN,
                null,
                null,
                new BootSource.Nothing(),
                null,
                null,
                null,
                null,
                false,
                null,
                null);
    }
}
