// SPDX-License-Identifier: Apache-2.0
package io.jvirt.domain.autostart;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.jvirt.domain.JvirtException;
import io.jvirt.domain.libvirt.DomainState;
import io.jvirt.domain.libvirt.DomainStatus;
import io.jvirt.domain.libvirt.DomainSummary;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

class StartGraphTest {
    static OrderedDomain domain(String name, int order, String... after) {
        List<Prerequisite> prerequisites = new ArrayList<>();
        for (String prerequisite : after) {
            prerequisites.add(new Prerequisite.AfterDomain(prerequisite, "uuid-" + prerequisite, null));
        }
        return new OrderedDomain(
                new DomainSummary(-1, name, "uuid-" + name, new DomainStatus(DomainState.SHUTOFF, 0), true, false),
                new OrderedStart(
                        order,
                        Duration.ZERO,
                        null,
                        OrderedStart.DEFAULT_TIMEOUT,
                        OrderedStart.DEFAULT_STOP_TIMEOUT,
                        prerequisites));
    }

    private static List<String> names(List<OrderedDomain> domains) {
        return domains.stream().map(OrderedDomain::name).toList();
    }

    @Test
    void orderThenPrerequisitesThenName() {
        StartGraph graph = new StartGraph(List.of(
                domain("a", 100, "z"), domain("z", 100), domain("b", 100), domain("last", 200), domain("first", 1)));
        assertThat(names(graph.inOrder())).containsExactly("first", "b", "z", "a", "last");
        assertThat(graph.withoutOrder()).isEmpty();
    }

    @Test
    void aPrerequisiteThatNobodyOrderedIsInNoGraph() {
        StartGraph graph = new StartGraph(List.of(domain("a", 100, "nowhere")));
        assertThat(names(graph.inOrder())).containsExactly("a");
    }

    @Test
    void aCycleHasNoOrderAndTheOthersKeepTheirs() {
        StartGraph graph = new StartGraph(List.of(
                domain("a", 1, "b"),
                domain("b", 1, "c"),
                domain("c", 1, "a"),
                domain("after", 1, "a"),
                domain("x", 2)));
        assertThat(names(graph.inOrder())).containsExactly("x");
        assertThat(names(graph.withoutOrder())).containsExactlyInAnyOrder("a", "b", "c", "after");
    }

    @Test
    void aCycleIsRefusedWithItsPath() {
        OrderedDomain changed = domain("a", 1, "b");
        StartGraph graph = new StartGraph(List.of(changed, domain("b", 1, "c"), domain("c", 1, "a")));
        assertThatThrownBy(() -> graph.check(changed))
                .hasMessage("domain 'a' would start after itself: a after b after c after a")
                .extracting(e -> ((JvirtException) e).kind(), e -> ((JvirtException) e).hint())
                .containsExactly(JvirtException.Kind.REFUSED, "jvirt autostart list shows what starts after what");
        OrderedDomain itself = domain("a", 1, "a");
        assertThatThrownBy(() -> new StartGraph(List.of(itself)).check(itself))
                .hasMessage("domain 'a' would start after itself: a after a");
    }

    @Test
    void ordersThatContradictAreRefused() {
        OrderedDomain early = domain("early", 1, "late");
        OrderedDomain late = domain("late", 2);
        StartGraph graph = new StartGraph(List.of(early, late));
        assertThatThrownBy(() -> graph.check(early))
                .hasMessage("domain 'early' (order 1) cannot start after 'late' (order 2)")
                .extracting(e -> ((JvirtException) e).hint())
                .isEqualTo("give it --order 2 or a higher one");
        assertThatThrownBy(() -> graph.check(late))
                .extracting(e -> ((JvirtException) e).hint())
                .isEqualTo("give it --order 1 or a lower one");
    }

    @Test
    void anyGraphIsInItsOrder() {
        long seed = System.nanoTime();
        Random random = new Random(seed);
        for (int round = 0; round < 200; round++) {
            List<OrderedDomain> domains = new ArrayList<>();
            int count = 1 + random.nextInt(12);
            for (int i = 0; i < count; i++) {
                String[] after = random.ints(random.nextInt(3), 0, count)
                        .mapToObj(n -> "d" + n)
                        .toArray(String[]::new);
                domains.add(domain("d" + i, random.nextInt(3), after));
            }
            StartGraph graph = new StartGraph(domains);
            List<OrderedDomain> placed = graph.inOrder();
            assertThat(placed.size() + graph.withoutOrder().size())
                    .as("seed %d", seed)
                    .isEqualTo(count);
            for (int i = 0; i < placed.size(); i++) {
                assertThat(placed.subList(0, i))
                        .as("seed %d round %d", seed, round)
                        .containsAll(graph.prerequisitesOf(placed.get(i)));
            }
        }
    }
}
