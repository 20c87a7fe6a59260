// SPDX-License-Identifier: Apache-2.0
package io.jvirt.domain.migrate;

import org.jspecify.annotations.Nullable;

/**
 * Something that the comparison of the two hosts found.
 *
 * @param subject what it is about: {@code disk}, {@code network}, {@code cpu}, …
 * @param text what it is, with the name of the thing
 * @param solution what can be done about it, or null
 */
public record Finding(
        Kind kind, String subject, String text, @Nullable String solution) {
    /** How grave it is. */
    public enum Kind {
        /** The machine cannot move as long as it is so. */
        BLOCKER,
        /** Something will be different on the target. */
        REMAP,
        /** Good to know. */
        NOTE
    }
}
