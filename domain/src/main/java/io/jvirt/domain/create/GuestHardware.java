// SPDX-License-Identifier: Apache-2.0
package io.jvirt.domain.create;

import java.nio.file.Path;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What a guest's system needs of its machine beyond disks and networks.
 *
 * @param firmware one of {@link #FIRMWARES}
 * @param tpm an emulated TPM 2.0
 * @param video the adapter's model; null for the best that a display can have; {@code none}
 * @param localtime the hardware clock shows the local time
 * @param hyperv the interfaces of Hyper-V that Windows makes use of
 * @param drivers an ISO image in a second drive, left out where the host does not have it; or null
 * @param nvram the firmware's variables to start with, or null for those that it comes with
 * @param fallback what the system can where libosinfo's database does not say
 */
public record GuestHardware(
        String firmware,
        boolean tpm,
        @Nullable String video,
        boolean localtime,
        boolean hyperv,
        @Nullable Path drivers,
        @Nullable Path nvram,
        SystemDevices fallback) {

    public static final String BIOS = "bios";
    public static final String UEFI = "uefi";
    public static final String UEFI_SECURE = "uefi-secure";
    public static final List<String> FIRMWARES = List.of(BIOS, UEFI, UEFI_SECURE);

    public static final GuestHardware PLAIN =
            new GuestHardware(BIOS, false, null, false, false, null, null, SystemDevices.UNKNOWN);

    public boolean isUefi() {
        return !firmware.equals(BIOS);
    }

    public boolean isSecure() {
        return firmware.equals(UEFI_SECURE);
    }
}
