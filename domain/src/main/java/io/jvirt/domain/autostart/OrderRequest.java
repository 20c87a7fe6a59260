// SPDX-License-Identifier: Apache-2.0
package io.jvirt.domain.autostart;

import io.jvirt.domain.JvirtException;
import io.jvirt.domain.ShellWord;
import io.jvirt.domain.autostart.Prerequisite.AfterDomain;
import io.jvirt.domain.autostart.Prerequisite.NeedsMount;
import io.jvirt.domain.autostart.Prerequisite.NeedsNetwork;
import io.jvirt.domain.autostart.Prerequisite.NeedsPool;
import io.jvirt.domain.autostart.Probe.ConsoleText;
import io.jvirt.domain.libvirt.Domain;
import io.jvirt.domain.libvirt.Host;
import io.jvirt.domain.libvirt.Network;
import io.jvirt.domain.libvirt.Pool;
import io.jvirt.domain.pool.PoolReading;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * A place in the order as a user asks for it.
 *
 * @param order null for the default, or that of the latest prerequisite where it is higher
 * @param after {@code VM} or {@code VM:PROBE}
 * @param needs {@code network:NAME}, {@code pool:NAME} or {@code mount:PATH}
 */
public record OrderRequest(
        @Nullable Integer order,
        Duration delay,
        @Nullable Probe ready,
        Duration timeout,
        Duration stopTimeout,
        List<String> after,
        List<String> needs) {
    private static final Pattern AFTER =
            Pattern.compile("(?<name>.+?)(:(?<probe>(ping:|tcp:|console:|agent$).*))?", Pattern.DOTALL);

    /** Looks up what is named; what does not exist is an error. */
    OrderedStart resolve(Host host, List<OrderedDomain> others) {
        List<Prerequisite> prerequisites = new ArrayList<>();
        int latest = OrderedStart.DEFAULT_ORDER;
        for (String text : after) {
            AfterDomain found = afterDomain(host, text);
            prerequisites.add(found);
            for (OrderedDomain other : others) {
                if (other.uuid().equals(found.uuid())) {
                    latest = Math.max(latest, other.order());
                }
            }
        }
        for (String text : needs) {
            prerequisites.add(need(host, text));
        }
        return new OrderedStart(order == null ? latest : order, delay, ready, timeout, stopTimeout, prerequisites);
    }

    private static AfterDomain afterDomain(Host host, String text) {
        Matcher matcher = AFTER.matcher(text);
        if (!matcher.matches()) {
            throw new IllegalArgumentException("no name of a domain");
        }
        String probeText = matcher.group("probe");
        Probe probe = probeText == null ? null : Probe.parse("--after", probeText);
        try (Domain domain = host.findDomain(matcher.group("name"))) {
            if (probe instanceof ConsoleText) {
                throw JvirtException.usage(
                        "a console's text is seen only from the start on, not by the machines that come after",
                        "jvirt autostart on " + ShellWord.quoted(domain.name()) + " --ready '" + probeText + "'");
            }
            return new AfterDomain(domain.name(), domain.uuid(), probe);
        }
    }

    private static Prerequisite need(Host host, String text) {
        int colon = text.indexOf(':');
        String kind = colon < 0 ? text : text.substring(0, colon);
        String name = colon < 0 ? "" : text.substring(colon + 1);
        if (!name.isEmpty()) {
            switch (kind) {
                case "network" -> {
                    try (Network network = Network.find(host, name)) {
                        return new NeedsNetwork(network.name());
                    }
                }
                case "pool" -> {
                    return new NeedsPool(PoolReading.of(host, name, Pool::name));
                }
                case "mount" -> {
                    if (name.startsWith("/")) {
                        return new NeedsMount(name);
                    }
                }
                default -> {}
            }
        }
        throw JvirtException.usage(
                "--needs '" + text + "' names nothing", "write network:NAME, pool:NAME or mount:/PATH");
    }
}
