// SPDX-License-Identifier: Apache-2.0
package io.jvirt.domain.create;

import io.jvirt.domain.Cancellation;
import io.jvirt.domain.JvirtException;
import io.jvirt.domain.ShellWord;
import io.jvirt.domain.libvirt.Domain;
import io.jvirt.domain.libvirt.Host;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/** Waits for a new machine to shut down, which is how installers end. */
public final class CreateWait {
    private static final long POLL_MILLIS = 1000;

    private final @Nullable Duration limit;

    private CreateWait(@Nullable Duration limit) {
        this.limit = limit;
    }

    /** {@code forever}, {@code 90s}, {@code 30m}, {@code 2h}; a bare number is in minutes as virt-install has it. */
    public static CreateWait parse(String text) {
        if (text.equals("forever") || text.equals("-1")) {
            return new CreateWait(null);
        }
        if (!text.matches("[0-9]{1,6}[smh]?")) {
            throw JvirtException.usage(
                    "--wait cannot be '" + text + "'", "write --wait, --wait=90s, --wait=30m or --wait=2h");
        }
        char unit = text.charAt(text.length() - 1);
        boolean bare = Character.isDigit(unit);
        long count = Long.parseLong(bare ? text : text.substring(0, text.length() - 1));
        return new CreateWait(
                switch (bare ? 'm' : unit) {
                    case 's' -> Duration.ofSeconds(count);
                    case 'h' -> Duration.ofHours(count);
                    default -> Duration.ofMinutes(count);
                });
    }

    /** Throws USAGE where the machine would not start; nothing is made yet. */
    public void check(CreatePlan plan) {
        if (!plan.starts()) {
            throw JvirtException.usage("there is nothing to wait for: the machine is not started", "add --start");
        }
    }

    /** Waits; starts the machine from its disk when an installer has ended. Ctrl-C ends the waiting, not the machine. */
    public CreatedDomain await(Host host, CreatePlan plan, Cancellation cancellation) throws InterruptedException {
        long start = System.nanoTime();
        while (isActive(host, plan)) {
            if (cancellation.isRequested()) {
                throw new JvirtException(
                        JvirtException.Kind.INTERRUPTED,
                        "the waiting was interrupted; domain '" + plan.name() + "' runs on",
                        "jvirt console " + ShellWord.quoted(plan.name()));
            }
            if (limit != null && System.nanoTime() - start >= limit.toNanos()) {
                throw JvirtException.failed(
                        "domain '" + plan.name() + "' is still running after " + limit.toSeconds() + " s",
                        "look at it: jvirt console " + ShellWord.quoted(plan.name()));
            }
            Thread.sleep(POLL_MILLIS);
        }
        CreatedDomain made = plan.result();
        boolean restarts = plan.installs();
        if (restarts) {
            try (Domain domain = host.domainWithUuid(plan.uuid())) {
                if (domain != null) {
                    domain.start();
                }
            }
        }
        return new CreatedDomain(
                made.name(), made.uuid(), restarts ? "running" : "shut off", made.disks(), made.interfaces());
    }

    private static boolean isActive(Host host, CreatePlan plan) {
        try (Domain domain = host.domainWithUuid(plan.uuid())) {
            return domain != null && domain.isActive();
        }
    }
}
