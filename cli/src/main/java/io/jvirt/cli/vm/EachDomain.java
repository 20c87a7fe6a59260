// SPDX-License-Identifier: Apache-2.0
package io.jvirt.cli.vm;

import io.jvirt.cli.Answer;
import io.jvirt.cli.CommandContext;
import io.jvirt.domain.JvirtException;
import io.jvirt.domain.journal.DomainLock;
import io.jvirt.domain.libvirt.Domain;
import io.jvirt.domain.libvirt.DomainState;
import io.jvirt.domain.libvirt.Host;
import io.jvirt.domain.power.Running;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** A change of state of each named domain; the first failure is thrown after the others were tried. */
public final class EachDomain {
    private EachDomain() {}

    /**
     * What became of a domain.
     *
     * @param state after the command
     */
    public record Changed(String name, DomainState state) {}

    /** What is done to each. */
    interface Change {
        void apply(Domain domain);
    }

    /** A change of what runs; one that is off is named with the way to start it. */
    static Change ofRunning(Change change) {
        return domain -> {
            Running.check(domain);
            change.apply(domain);
        };
    }

    /** What is waited for afterwards, the domain no longer locked. */
    interface Afterwards {
        void await(Host host, String name);
    }

    /** @param participle what a sentence about it says: {@code "was reset"} */
    static void change(CommandContext context, List<String> names, String participle, Change change)
            throws IOException {
        change(context, names, participle, change, (host, name) -> {});
    }

    static void change(
            CommandContext context, List<String> names, String participle, Change change, Afterwards afterwards)
            throws IOException {
        List<Changed> done = new ArrayList<>();
        List<String> lines = new ArrayList<>();
        @Nullable JvirtException failure = null;
        try (Host host = Host.open(context.options().connect())) {
            for (String name : names) {
                try {
                    Changed changed = apply(context, host, name, change);
                    afterwards.await(host, changed.name());
                    done.add(changed);
                    lines.add("Domain '" + changed.name() + "' " + participle);
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
            context.print(Answer.list("domains", done, Changed::name).lines(lines));
        }
        if (failure != null) {
            throw failure;
        }
    }

    private static Changed apply(CommandContext context, Host host, String name, Change change) {
        try (Domain domain = host.findDomain(name);
                DomainLock lock = DomainLock.take(context.command(), host, domain)) {
            change.apply(domain);
            return new Changed(domain.name(), domain.status().state());
        }
    }
}
