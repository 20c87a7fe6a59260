// SPDX-License-Identifier: Apache-2.0
package io.jvirt.domain.reference;

import org.jspecify.annotations.Nullable;

/**
 * A file or device that a definition names.
 *
 * @param domain its name
 * @param uuid its UUID
 * @param kind what it is to the domain
 * @param target the disk's name in the guest ({@code vda}); null where it is no disk
 * @param path the file, or the device
 * @param format the format that the definition says it has, or null
 * @param isOwn false for what several machines may share: a medium, a disk that is read-only or shareable
 */
public record DomainFile(
        String domain,
        String uuid,
        Kind kind,
        @Nullable String target,
        String path,
        @Nullable String format,
        boolean isOwn) {

    /** What a file is to a domain. */
    public enum Kind {
        DISK,
        /** Below a disk, as the definition itself says. */
        BACKING,
        /** The target of a block job that runs. */
        MIRROR,
        NVRAM,
        /** Kernel, initrd or device tree. */
        BOOT
    }
}
