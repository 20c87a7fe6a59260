// SPDX-License-Identifier: Apache-2.0
package io.jvirt.domain.libvirt;

import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * Something that happened on a host.
 *
 * @param time when this process heard of it
 * @param kind what sort, in libvirt's words: {@code lifecycle}, {@code block-job}, …
 * @param object {@code domain}, {@code network} or {@code pool}
 * @param name its name
 * @param uuid its UUID; null for networks and pools
 * @param event what happened, in one word: {@code started}
 * @param detail more about it; null where there is nothing to say
 */
public record Event(
        Instant time,
        String kind,
        String object,
        String name,
        @Nullable String uuid,
        String event,
        @Nullable String detail) {}
