// SPDX-License-Identifier: Apache-2.0
package io.jvirt.domain.autostart;

import io.jvirt.domain.JvirtException;
import io.jvirt.domain.autostart.Prerequisite.AfterDomain;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * Who starts after whom. A machine starts after its prerequisites, and after all machines of a lower order; a prerequisite
 * that jvirt does not start itself is in no graph.
 */
public final class StartGraph {
    private static final Comparator<OrderedDomain> BY_ORDER =
            Comparator.comparingInt(OrderedDomain::order).thenComparing(OrderedDomain::name);

    private final Map<String, OrderedDomain> byUuid = new HashMap<>();
    private final Map<String, OrderedDomain> byName = new HashMap<>();
    private final List<OrderedDomain> inOrder = new ArrayList<>();
    private final List<OrderedDomain> withoutOrder = new ArrayList<>();

    public StartGraph(List<OrderedDomain> domains) {
        for (OrderedDomain domain : domains) {
            byUuid.put(domain.uuid(), domain);
            byName.put(domain.name(), domain);
        }
        TreeSet<OrderedDomain> waiting = new TreeSet<>(BY_ORDER);
        waiting.addAll(domains);
        Set<OrderedDomain> placed = new HashSet<>();
        while (!waiting.isEmpty()) {
            OrderedDomain next = nextOf(waiting, placed);
            if (next == null) {
                withoutOrder.addAll(waiting);
                break;
            }
            waiting.remove(next);
            placed.add(next);
            inOrder.add(next);
        }
    }

    private @Nullable OrderedDomain nextOf(Set<OrderedDomain> waiting, Set<OrderedDomain> placed) {
        for (OrderedDomain candidate : waiting) {
            if (placed.containsAll(prerequisitesOf(candidate))) {
                return candidate;
            }
        }
        return null;
    }

    /** All that have a place, first to start first. */
    public List<OrderedDomain> inOrder() {
        return inOrder;
    }

    /** Those on a cycle of prerequisites, and those that start after one of them. */
    public List<OrderedDomain> withoutOrder() {
        return withoutOrder;
    }

    /** The prerequisites of a machine that are in the graph. */
    List<OrderedDomain> prerequisitesOf(OrderedDomain domain) {
        List<OrderedDomain> found = new ArrayList<>();
        for (AfterDomain after : domain.start().domains()) {
            OrderedDomain prerequisite = find(after);
            if (prerequisite != null) {
                found.add(prerequisite);
            }
        }
        return found;
    }

    /** By UUID, so that a rename keeps it; by name where a machine was made anew. */
    @Nullable
    OrderedDomain find(AfterDomain after) {
        OrderedDomain found = byUuid.get(after.uuid());
        return found != null ? found : byName.get(after.name());
    }

    /** The machines that start after this one because they said so. */
    public List<OrderedDomain> dependentsOf(OrderedDomain domain) {
        List<OrderedDomain> found = new ArrayList<>();
        for (OrderedDomain other : byUuid.values()) {
            if (prerequisitesOf(other).contains(domain)) {
                found.add(other);
            }
        }
        found.sort(BY_ORDER);
        return found;
    }

    /** Refuses a new configuration of a machine that closes a cycle or contradicts the orders. */
    public void check(OrderedDomain changed) {
        List<String> path = new ArrayList<>();
        if (reaches(changed, changed, path, new HashSet<>())) {
            throw JvirtException.refused(
                    "domain '" + changed.name() + "' would start after itself: " + String.join(" after ", path),
                    "jvirt autostart list shows what starts after what");
        }
        for (OrderedDomain prerequisite : prerequisitesOf(changed)) {
            checkOrders(changed, prerequisite, changed);
        }
        for (OrderedDomain dependent : dependentsOf(changed)) {
            checkOrders(dependent, changed, changed);
        }
    }

    private static void checkOrders(OrderedDomain later, OrderedDomain earlier, OrderedDomain changed) {
        if (earlier.order() > later.order()) {
            throw JvirtException.refused(
                    "domain '" + later.name() + "' (order " + later.order() + ") cannot start after '" + earlier.name()
                            + "' (order " + earlier.order() + ")",
                    changed.equals(later)
                            ? "give it --order " + earlier.order() + " or a higher one"
                            : "give it --order " + later.order() + " or a lower one");
        }
    }

    private boolean reaches(OrderedDomain from, OrderedDomain target, List<String> path, Set<OrderedDomain> seen) {
        path.add(from.name());
        for (OrderedDomain prerequisite : prerequisitesOf(from)) {
            if (prerequisite.equals(target)) {
                path.add(target.name());
                return true;
            }
            if (seen.add(prerequisite) && reaches(prerequisite, target, path, seen)) {
                return true;
            }
        }
        path.remove(path.size() - 1);
        return false;
    }
}
