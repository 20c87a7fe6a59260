// SPDX-License-Identifier: Apache-2.0
package io.jvirt.cli.vm;

import io.jvirt.domain.libvirt.DomainState;
import io.jvirt.domain.libvirt.DomainSummary;
import org.jspecify.annotations.Nullable;

/**
 * A domain in the answer of {@code list}.
 *
 * @param id its number while it runs, else null
 */
public record ListedDomain(
        @Nullable Integer id,
        String name,
        String uuid,
        DomainState state,
        String reason,
        boolean persistent,
        boolean autostart) {
    static ListedDomain of(DomainSummary domain) {
        return new ListedDomain(
                domain.id() < 0 ? null : domain.id(),
                domain.name(),
                domain.uuid(),
                domain.status().state(),
                domain.status().reason(),
                domain.persistent(),
                domain.autostart());
    }
}
