// SPDX-License-Identifier: Apache-2.0
package io.jvirt.cli.vm;

import io.jvirt.cli.CommandContext;
import io.jvirt.cli.ExitCode;
import io.jvirt.domain.Cancellation;
import io.jvirt.domain.JvirtException;
import io.jvirt.domain.inspect.DomainUsage;
import io.jvirt.domain.libvirt.Domain;
import io.jvirt.domain.libvirt.DomainStats;
import io.jvirt.domain.libvirt.Host;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** A person before {@code top}. What libvirt is asked for runs beside the screen, which never waits for it. */
final class TopDialogue {
    private static final String KEYS =
            "s start  x shut down  K pull the plug  p pause/resume  r reboot  c console  o sort  q leave";

    private final CommandContext context;
    private final Host host;
    private final Duration between;
    private final boolean isAll;
    private final TopActions actions;
    private TopTable.Column column = TopTable.Column.CPU;
    private List<DomainUsage> usage = new ArrayList<>();
    private @Nullable String chosen;
    /** Asked for the domain of this name, and not yet confirmed. */
    private @Nullable String plugToPull;

    TopDialogue(CommandContext context, Host host, Duration between, boolean isAll) {
        this.context = context;
        this.host = host;
        this.between = between;
        this.isAll = isAll;
        this.actions = new TopActions(host, context.cancellation());
    }

    ExitCode run() throws IOException {
        Cancellation cancellation = context.cancellation();
        while (true) {
            String console = watch(cancellation);
            if (cancellation.isRequested()) {
                return ExitCode.INTERRUPTED;
            }
            if (console == null) {
                return ExitCode.DONE;
            }
            talkTo(console);
        }
    }

    private void talkTo(String name) throws IOException {
        try (Domain domain = host.findDomain(name)) {
            new ConsoleDialogue(context, host, domain).run(null, false, null, false);
        } catch (JvirtException e) {
            actions.say(e.getMessage() + (e.hint() == null ? "" : " (" + e.hint() + ")"));
        }
    }

    /** Shows the screen until a key leaves it; the domain whose console was asked for, or null. */
    private @Nullable String watch(Cancellation cancellation) throws IOException {
        try (TopScreen screen = TopScreen.open(cancellation)) {
            List<DomainStats> earlier = DomainStats.all(host);
            long at = System.nanoTime();
            // The first look is a short one: nobody waits before an empty screen.
            long next = at + Math.min(between.toNanos(), 500_000_000L);
            draw(screen);
            while (!cancellation.isRequested()) {
                int key = screen.read(Math.max(1, Math.min(200, (next - System.nanoTime()) / 1_000_000)));
                if (key == 'q' || key == TopScreen.END) {
                    return null;
                }
                if (key == 'c' && chosen != null) {
                    return chosen;
                }
                take(key);
                long now = System.nanoTime();
                if (now >= next) {
                    List<DomainStats> later = DomainStats.all(host);
                    usage = TopCommand.shown(DomainUsage.of(earlier, later, Duration.ofNanos(now - at)), isAll);
                    earlier = later;
                    at = now;
                    next = now + between.toNanos();
                }
                draw(screen);
            }
            return null;
        }
    }

    private void take(int key) {
        String name = chosen;
        String toPull = plugToPull;
        if (key == TopScreen.NONE) {
            return;
        }
        plugToPull = null;
        if (toPull != null) {
            if (key == 'y') {
                actions.pullThePlug(toPull);
            } else {
                actions.say("not confirmed");
            }
            return;
        }
        switch (key) {
            case TopScreen.UP -> choose(-1);
            case TopScreen.DOWN -> choose(1);
            case 'o' -> column = column.next();
            default -> {
                if (name != null) {
                    act(key, name);
                }
            }
        }
    }

    private void act(int key, String name) {
        switch (key) {
            case 's' -> actions.start(name);
            case 'x' -> actions.shutDown(name);
            case 'p' -> actions.pauseOrResume(name);
            case 'r' -> actions.reboot(name);
            case 'K' -> {
                plugToPull = name;
                actions.say("pull the plug of '" + name + "'? y confirms");
            }
            default -> {}
        }
    }

    private void choose(int step) {
        int at = indexOfChosen() + step;
        if (!usage.isEmpty()) {
            chosen = usage.get(Math.max(0, Math.min(at, usage.size() - 1))).name();
        }
    }

    private int indexOfChosen() {
        for (int i = 0; i < usage.size(); i++) {
            if (usage.get(i).name().equals(chosen)) {
                return i;
            }
        }
        return -1;
    }

    private void draw(TopScreen screen) {
        usage.sort(column.order());
        if (indexOfChosen() < 0) {
            chosen = usage.isEmpty() ? null : usage.get(0).name();
        }
        int rows = Math.max(1, screen.rows() - 4);
        int at = indexOfChosen();
        int first = Math.max(0, at - rows + 1);
        String title = "jvirt top  " + host.uri() + "  " + usage.size() + " domains  by "
                + column.name().toLowerCase(Locale.ROOT);
        screen.draw(title, TopTable.lines(usage, first, rows), at < 0 ? -1 : 1 + at - first, actions.message(), KEYS);
    }
}
