// SPDX-License-Identifier: Apache-2.0
package io.jvirt.domain.metadata;

import io.jvirt.domain.xml.Property;
import org.jspecify.annotations.Nullable;

/**
 * Keeps jvirt from starting a domain: while an operation moves it, or because its other copy is the real one now.
 *
 * @param operation the journal entry's id of the operation that set it
 * @param reason completes "domain 'web' must not start: " — {@code it is being moved to kvm2}
 * @param nextCommand what the user does about it
 * @param since ISO 8601 in UTC
 */
public record StartLock(String operation, String reason, String nextCommand, String since) {
    private static final String ELEMENT = "metadata/jvirt:vm/jvirt:lock";
    private static final Property<String> OPERATION = Property.text(ELEMENT + "/@operation");
    private static final Property<String> REASON = Property.text(ELEMENT + "/@reason");
    private static final Property<String> NEXT_COMMAND = Property.text(ELEMENT + "/@next");
    private static final Property<String> SINCE = Property.text(ELEMENT + "/@since");

    /** Null where there is none. */
    public static @Nullable StartLock of(VmMetadata metadata) {
        if (metadata.elements(ELEMENT).isEmpty()) {
            return null;
        }
        return new StartLock(
                orEmpty(metadata.get(OPERATION)),
                orEmpty(metadata.get(REASON)),
                orEmpty(metadata.get(NEXT_COMMAND)),
                orEmpty(metadata.get(SINCE)));
    }

    public void writeTo(VmMetadata metadata) {
        metadata.set(OPERATION, operation)
                .set(REASON, reason)
                .set(NEXT_COMMAND, nextCommand)
                .set(SINCE, since);
    }

    public static void remove(VmMetadata metadata) {
        metadata.remove(ELEMENT);
    }

    private static String orEmpty(@Nullable String text) {
        return text == null ? "" : text;
    }
}
