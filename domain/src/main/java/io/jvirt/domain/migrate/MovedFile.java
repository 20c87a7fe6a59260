// SPDX-License-Identifier: Apache-2.0
package io.jvirt.domain.migrate;

/**
 * A file of the domain, and what becomes of it.
 *
 * @param path where it is
 * @param role disk, data (of a disk that keeps it in a file of its own), backing, nvram, tpm, saved (memory) or memory (of a snapshot)
 * @param format its format
 * @param action what is done
 * @param targetPath where it will be
 * @param dataBytes what has to travel, before zeros are left out; 0 where nothing has
 * @param isTrashed it goes to the source's trash when the domain has moved; else it stays where it is
 */
public record MovedFile(
        String path, String role, String format, Action action, String targetPath, long dataBytes, boolean isTrashed) {
    MovedFile trashed() {
        return new MovedFile(path, role, format, action, targetPath, dataBytes, true);
    }

    /** What is done with a file. */
    public enum Action {
        /** Sent to the target. */
        COPY,
        /** An older copy on the target is brought up to date. */
        UPDATE,
        /** Sent as a part of the image above it. */
        FLATTEN,
        /** The target has an equal one already, which is made sure of. */
        REUSE,
        /** The target sees the same file. */
        SHARED
    }
}
