// SPDX-License-Identifier: Apache-2.0
package io.jvirt.cli.vm;

import io.jvirt.cli.Answer;
import io.jvirt.cli.CommandContext;
import io.jvirt.domain.JvirtException;
import io.jvirt.domain.ShellWord;
import io.jvirt.domain.autostart.OrderRequest;
import io.jvirt.domain.autostart.Ordering;
import io.jvirt.domain.journal.DomainLock;
import io.jvirt.domain.libvirt.Domain;
import io.jvirt.domain.libvirt.Host;
import io.jvirt.domain.power.Autostart;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Whether a domain starts with the host after the command.
 *
 * @param name the domain
 * @param order its place in jvirt's order; null where libvirt starts it, or nobody
 */
public record AutostartSetting(
        String name, boolean autostart, @Nullable Integer order) {
    /** A setting and the sentence about it. */
    private record Done(AutostartSetting setting, String line) {}

    private interface Change {
        Done apply(Host host, String name);
    }

    /** @param request a place in jvirt's order; null for libvirt's flag */
    static void switchOn(CommandContext context, List<String> names, @Nullable OrderRequest request)
            throws IOException {
        each(context, names, (host, name) -> request == null ? flag(host, name) : place(context, host, name, request));
    }

    static void switchOff(CommandContext context, List<String> names) throws IOException {
        each(context, names, (host, name) -> {
            String found;
            try (Domain domain = host.findDomain(name);
                    DomainLock lock = DomainLock.take("autostart off", host, domain)) {
                found = Autostart.set(host, domain.name(), false);
                for (String dependent : Ordering.remove(host, domain)) {
                    context.note("domain '" + dependent + "' starts after '" + found
                            + "', which somebody else must start now");
                }
            }
            return new Done(
                    new AutostartSetting(found, false, null), "Domain '" + found + "' does not start with the host");
        });
    }

    private static Done flag(Host host, String name) {
        try (Domain domain = host.findDomain(name);
                DomainLock lock = DomainLock.take("autostart on", host, domain)) {
            if (domain.isPersistent() && Ordering.isOrdered(domain)) {
                throw JvirtException.refused(
                        "domain '" + domain.name() + "' has a place in jvirt's order: libvirt does not start it too",
                        "give the options of its place, or first: jvirt autostart off "
                                + ShellWord.quoted(domain.name()));
            }
            String found = Autostart.set(host, domain.name(), true);
            return new Done(new AutostartSetting(found, true, null), "Domain '" + found + "' starts with the host");
        }
    }

    private static Done place(CommandContext context, Host host, String name, OrderRequest request) {
        Ordering.Placed placed = Ordering.set(host, name, request);
        if (placed.libvirtsFlagWasOn()) {
            context.note("libvirt's own autostart flag of '" + placed.name() + "' is off now: jvirt starts it");
        }
        for (String unordered : placed.unordered()) {
            context.note("'" + unordered + "' has no place in the order: '" + placed.name()
                    + "' waits until somebody has started it");
        }
        return new Done(
                new AutostartSetting(placed.name(), true, placed.start().order()),
                "Domain '" + placed.name() + "' starts with 'jvirt autostart run' (order "
                        + placed.start().order() + ")");
    }

    /** The first failure is thrown after the others were tried. */
    private static void each(CommandContext context, List<String> names, Change change) throws IOException {
        List<AutostartSetting> done = new ArrayList<>();
        List<String> lines = new ArrayList<>();
        @Nullable JvirtException failure = null;
        try (Host host = Host.open(context.options().connect())) {
            for (String name : names) {
                try {
                    Done result = change.apply(host, name);
                    done.add(result.setting());
                    lines.add(result.line());
                } catch (JvirtException e) {
                    if (failure == null) {
                        failure = e;
                    } else {
                        context.note(String.valueOf(e.getMessage()));
                    }
                }
            }
        }
        if (!done.isEmpty()) {
            context.print(Answer.list("domains", done, AutostartSetting::name).lines(lines));
        }
        if (failure != null) {
            throw failure;
        }
    }
}
