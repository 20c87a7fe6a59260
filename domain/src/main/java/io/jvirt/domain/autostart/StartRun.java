// SPDX-License-Identifier: Apache-2.0
package io.jvirt.domain.autostart;

import io.jvirt.domain.Cancellation;
import io.jvirt.domain.JvirtException;
import io.jvirt.domain.autostart.Prerequisite.AfterDomain;
import io.jvirt.domain.autostart.Prerequisite.NeedsMount;
import io.jvirt.domain.autostart.Prerequisite.NeedsNetwork;
import io.jvirt.domain.autostart.Prerequisite.NeedsPool;
import io.jvirt.domain.autostart.StartResult.Outcome;
import io.jvirt.domain.libvirt.Domain;
import io.jvirt.domain.libvirt.Host;
import io.jvirt.domain.libvirt.Network;
import io.jvirt.domain.pool.PoolReading;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Semaphore;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Starts all machines of a graph, each in a thread of its own that waits for its turn: those of lower orders have been
 * seen to, and all that it needs is there. Running it again is harmless: it goes on with what does not run.
 */
public final class StartRun {
    /** So many machines are being started by libvirt at once; any number may be booting. */
    private static final int STARTS_AT_ONCE = 4;

    private final Host host;
    private final StartGraph graph;
    private final Cancellation cancellation;
    private final Consumer<String> progress;
    private final Map<OrderedDomain, Turn> turns = new HashMap<>();
    private final Semaphore starts = new Semaphore(STARTS_AT_ONCE);

    /** A machine's turn, which others wait for. */
    private static final class Turn {
        final CountDownLatch over = new CountDownLatch(1);
        volatile @Nullable StartResult result;
    }

    /** @param progress takes a line for people as each machine is done; called by several threads */
    public StartRun(Host host, StartGraph graph, Cancellation cancellation, Consumer<String> progress) {
        this.host = host;
        this.graph = graph;
        this.cancellation = cancellation;
        this.progress = progress;
    }

    /** Starts them; the results stand in the order of the graph. */
    public List<StartResult> run() {
        for (OrderedDomain domain : graph.inOrder()) {
            turns.put(domain, new Turn());
            switchLibvirtsFlagOff(domain);
        }
        for (OrderedDomain domain : graph.inOrder()) {
            Thread thread = new Thread(() -> take(domain), "start-" + domain.name());
            thread.setDaemon(true);
            thread.start();
        }
        List<StartResult> results = new ArrayList<>();
        for (OrderedDomain domain : graph.inOrder()) {
            Turn turn = turnOf(domain);
            Waiting.forLatch(turn.over, cancellation);
            results.add(resultOf(turn));
        }
        cancellation.check();
        for (OrderedDomain domain : graph.withoutOrder()) {
            results.add(new StartResult(
                    domain.name(),
                    domain.order(),
                    Outcome.LEFT_OFF,
                    "it is on a cycle of prerequisites, or starts after one that is",
                    0));
        }
        return results;
    }

    /** Another tool may have set it: then both would start the machine, and libvirt without any order. */
    private void switchLibvirtsFlagOff(OrderedDomain ordered) {
        if (ordered.summary().autostart()) {
            try (Domain domain = host.findDomain(ordered.name())) {
                domain.setAutostart(false);
                progress.accept("domain '" + ordered.name() + "' had libvirt's autostart flag too; it is off now");
            }
        }
    }

    private void take(OrderedDomain domain) {
        Turn turn = turnOf(domain);
        // Whatever happens to this thread, nobody waits for it without end.
        StartResult result =
                new StartResult(domain.name(), domain.order(), Outcome.FAILED, "the program failed at it", 0);
        try {
            for (OrderedDomain other : graph.inOrder()) {
                if (other.equals(domain)) {
                    break;
                }
                if (other.order() < domain.order()) {
                    Waiting.forLatch(turnOf(other).over, cancellation);
                }
            }
            result = attempt(domain);
        } catch (RuntimeException e) {
            String reason = e instanceof JvirtException ? e.getMessage() : e.toString();
            result = new StartResult(domain.name(), domain.order(), Outcome.FAILED, reason, 0);
        } finally {
            turn.result = result;
            if (!cancellation.isRequested()) {
                progress.accept(result.sentence());
            }
            turn.over.countDown();
        }
    }

    private StartResult attempt(OrderedDomain ordered) {
        OrderedStart start = ordered.start();
        for (Prerequisite prerequisite : start.prerequisites()) {
            String missing = whatIsMissing(prerequisite, start.timeout());
            if (missing != null) {
                return new StartResult(ordered.name(), ordered.order(), Outcome.LEFT_OFF, missing, 0);
            }
        }
        long begun = System.nanoTime();
        Waiting.pause(start.delay(), cancellation);
        MachineStart.Started started;
        try (MachineStart machine =
                new MachineStart(host, ordered.name(), start.ready(), start.timeout(), cancellation)) {
            starts.acquireUninterruptibly();
            try {
                started = machine.start();
            } finally {
                starts.release();
            }
            String notReady = machine.awaitReady();
            return new StartResult(
                    ordered.name(),
                    ordered.order(),
                    notReady != null
                            ? Outcome.NOT_READY
                            : started == MachineStart.Started.NOW ? Outcome.STARTED : Outcome.ALREADY_RUNNING,
                    notReady,
                    (System.nanoTime() - begun) / 1_000_000);
        }
    }

    private @Nullable String whatIsMissing(Prerequisite prerequisite, Duration limit) {
        try {
            if (prerequisite instanceof NeedsNetwork needs) {
                try (Network network = Network.find(host, needs.name())) {
                    if (!network.isActive()) {
                        network.start();
                    }
                    return null;
                }
            }
            if (prerequisite instanceof NeedsPool needs) {
                PoolReading.start(host, needs.name());
                return null;
            }
            if (prerequisite instanceof NeedsMount needs) {
                return Mounts.await(host, needs.path(), limit, cancellation);
            }
            return whatKeeps((AfterDomain) prerequisite, limit);
        } catch (JvirtException e) {
            cancellation.check();
            return e.getMessage();
        }
    }

    private @Nullable String whatKeeps(AfterDomain after, Duration limit) {
        OrderedDomain ordered = graph.find(after);
        String name = after.name();
        if (ordered != null) {
            name = ordered.name();
            Turn turn = turnOf(ordered);
            Waiting.forLatch(turn.over, cancellation);
            StartResult result = resultOf(turn);
            if (!result.isReady()) {
                return "its prerequisite '" + name + "' "
                        + (result.result() == Outcome.NOT_READY ? "did not get ready" : "did not start");
            }
        } else if (!Waiting.until(() -> isActive(after), limit, cancellation)) {
            return "its prerequisite '" + name + "' does not run after " + limit.toSeconds()
                    + " s, and jvirt does not start that one with the host";
        }
        if (after.probe() != null && !ProbeRun.await(host, name, after.probe(), limit, cancellation)) {
            return "its prerequisite '" + name + "' did not pass "
                    + after.probe().text() + " within " + limit.toSeconds() + " s";
        }
        return null;
    }

    private boolean isActive(AfterDomain after) {
        try (Domain domain = host.domainWithUuid(after.uuid())) {
            if (domain != null) {
                return domain.isActive();
            }
        }
        try (Domain domain = host.domainNamed(after.name())) {
            return domain != null && domain.isActive();
        }
    }

    private Turn turnOf(OrderedDomain domain) {
        Turn turn = turns.get(domain);
        if (turn == null) {
            throw new IllegalStateException("domain '" + domain.name() + "' has no turn");
        }
        return turn;
    }

    private static StartResult resultOf(Turn turn) {
        StartResult result = turn.result;
        if (result == null) {
            throw new IllegalStateException("the turn is not over");
        }
        return result;
    }
}
