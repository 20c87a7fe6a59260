// SPDX-License-Identifier: Apache-2.0
package io.jvirt.domain.doctor;

import java.util.Set;
import org.jspecify.annotations.Nullable;

/** What files are like. */
interface ImageFacts {
    /** Also true where nobody can tell. */
    boolean exists(String path);

    /** A program or machine has it open, here or, as far as its file system tells, on another host. */
    boolean isInUse(String path);

    /** Null where it is no image with metadata of its own. */
    @Nullable
    ImageState state(String path);

    /** The first directory on the way that QEMU's user may not enter, or null. */
    @Nullable
    String closedDirectory(String path);

    /** Null where nobody can tell. */
    @Nullable
    FileOwner owner(String path);

    /** The label that SELinux has for it; null where it has none, or nobody can tell. */
    @Nullable
    String selinuxLabel(String path);

    /** The names of AppArmor's profiles that are loaded; null where nobody can tell. */
    @Nullable
    Set<String> appArmorProfiles();

    /** Whether libvirt gives a machine's files to QEMU's user as it starts, unless its definition says no. */
    boolean changesOwners();
}
