// SPDX-License-Identifier: Apache-2.0
package io.jvirt.cli.vm;

import io.jvirt.cli.DurationText;
import io.jvirt.domain.autostart.OrderedDomain;
import io.jvirt.domain.autostart.OrderedStart;
import io.jvirt.domain.autostart.Prerequisite;
import io.jvirt.domain.libvirt.DomainState;
import io.jvirt.domain.libvirt.DomainSummary;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A machine's place in jvirt's order, in answers.
 *
 * @param after machines, with the probes that are asked of them
 * @param needs networks, pools and mounts
 * @param ready its own probe; null: it is ready when it runs
 */
public record OrderedAutostart(
        String name,
        DomainState state,
        int order,
        List<String> after,
        List<String> needs,
        @Nullable String ready,
        long delayMillis,
        long timeoutMillis,
        long stopTimeoutMillis) {
    static final String[] HEADINGS = {"ORDER", "NAME", "STATE", "AFTER", "NEEDS", "READY WHEN", "DELAY"};

    static OrderedAutostart of(OrderedDomain domain) {
        return of(domain.summary(), domain.start());
    }

    static OrderedAutostart of(DomainSummary summary, OrderedStart start) {
        List<String> after = new ArrayList<>();
        List<String> needs = new ArrayList<>();
        for (Prerequisite prerequisite : start.prerequisites()) {
            (prerequisite instanceof Prerequisite.AfterDomain ? after : needs).add(prerequisite.text());
        }
        return new OrderedAutostart(
                summary.name(),
                summary.status().state(),
                start.order(),
                after,
                needs,
                start.ready() == null ? null : start.ready().text(),
                start.delay().toMillis(),
                start.timeout().toMillis(),
                start.stopTimeout().toMillis());
    }

    String[] cells() {
        return new String[] {
            Integer.toString(order),
            name,
            state.text(),
            orDash(String.join(", ", after)),
            orDash(String.join(", ", needs)),
            ready == null ? "running" : ready,
            delayMillis == 0 ? "-" : DurationText.of(Duration.ofMillis(delayMillis))
        };
    }

    private static String orDash(String text) {
        return text.isEmpty() ? "-" : text;
    }
}
