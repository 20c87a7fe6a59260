// SPDX-License-Identifier: Apache-2.0
package io.jvirt.domain.autostart;

import io.jvirt.domain.Cancellation;
import io.jvirt.domain.JvirtException;
import io.jvirt.domain.libvirt.Host;
import io.jvirt.domain.power.PowerOff;
import io.jvirt.domain.power.PowerResult;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Stops all machines of a graph in reverse: one is asked when those that start after it are off, or have had their time.
 * A guest that does not obey keeps nothing else from its orderly end.
 */
public final class StopRun {
    /**
     * What became of a machine.
     *
     * @param result null where it still runs
     * @param reason why
     */
    public record StopResult(
            String name,
            int order,
            PowerResult.@Nullable Outcome result,
            @Nullable String reason) {
        /** A sentence for people. */
        public String sentence() {
            return result == null ? "domain '" + name + "': " + reason : lowerCase(new PowerResult(name, result));
        }

        private static String lowerCase(PowerResult done) {
            String sentence = done.sentence();
            return Character.toLowerCase(sentence.charAt(0)) + sentence.substring(1);
        }
    }

    private final Host host;
    private final boolean force;
    private final Cancellation cancellation;
    private final Consumer<String> progress;
    private final List<OrderedDomain> inReverse = new ArrayList<>();
    private final StartGraph graph;
    private final Map<OrderedDomain, CountDownLatch> over = new HashMap<>();
    private final Map<OrderedDomain, StopResult> results = new HashMap<>();

    /** @param force pull the plug of guests whose time is over */
    public StopRun(Host host, StartGraph graph, boolean force, Cancellation cancellation, Consumer<String> progress) {
        this.host = host;
        this.graph = graph;
        this.force = force;
        this.cancellation = cancellation;
        this.progress = progress;
        inReverse.addAll(graph.inOrder());
        Collections.reverse(inReverse);
        // Without a place in the order they wait for nobody; they must stop all the same.
        inReverse.addAll(0, graph.withoutOrder());
    }

    /** First to stop first. */
    public List<OrderedDomain> inReverse() {
        return inReverse;
    }

    /** Stops them; the results stand in the order of {@link #inReverse}. */
    public List<StopResult> run() {
        for (OrderedDomain domain : inReverse) {
            over.put(domain, new CountDownLatch(1));
        }
        for (OrderedDomain domain : inReverse) {
            Thread thread = new Thread(() -> take(domain), "stop-" + domain.name());
            thread.setDaemon(true);
            thread.start();
        }
        List<StopResult> found = new ArrayList<>();
        for (OrderedDomain domain : inReverse) {
            Waiting.forLatch(latchOf(domain), cancellation);
            synchronized (results) {
                found.add(results.get(domain));
            }
        }
        cancellation.check();
        return found;
    }

    private void take(OrderedDomain domain) {
        // Whatever happens to this thread, nobody waits for it without end.
        StopResult result = new StopResult(domain.name(), domain.order(), null, "the program failed at it");
        try {
            waitForThoseAfter(domain);
            result = stop(domain);
        } catch (RuntimeException e) {
            String reason = e instanceof JvirtException ? e.getMessage() : e.toString();
            result = new StopResult(domain.name(), domain.order(), null, reason);
        } finally {
            synchronized (results) {
                results.put(domain, result);
            }
            if (!cancellation.isRequested() && result.result() != PowerResult.Outcome.ALREADY_OFF) {
                progress.accept(result.sentence());
            }
            latchOf(domain).countDown();
        }
    }

    private void waitForThoseAfter(OrderedDomain domain) {
        List<OrderedDomain> dependents = graph.dependentsOf(domain);
        for (OrderedDomain other : inReverse) {
            if (other.equals(domain)) {
                return;
            }
            if (other.order() > domain.order() || dependents.contains(other)) {
                Waiting.forLatch(latchOf(other), cancellation);
            }
        }
    }

    private StopResult stop(OrderedDomain domain) {
        cancellation.check();
        try (PowerOff off = PowerOff.begin(host, domain.name(), domain.start().stopTimeout(), force)) {
            PowerResult.Outcome outcome = off.await(line -> {}, cancellation).result();
            return new StopResult(domain.name(), domain.order(), outcome, null);
        }
    }

    private CountDownLatch latchOf(OrderedDomain domain) {
        CountDownLatch latch = over.get(domain);
        if (latch == null) {
            throw new IllegalStateException("domain '" + domain.name() + "' is not to be stopped");
        }
        return latch;
    }
}
