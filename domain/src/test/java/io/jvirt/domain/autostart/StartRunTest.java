// SPDX-License-Identifier: Apache-2.0
package io.jvirt.domain.autostart;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.jvirt.domain.Cancellation;
import io.jvirt.domain.JvirtException;
import io.jvirt.domain.autostart.StartResult.Outcome;
import io.jvirt.domain.libvirt.Domain;
import io.jvirt.domain.libvirt.DomainSummary;
import io.jvirt.domain.libvirt.Host;
import io.jvirt.domain.libvirt.Network;
import io.jvirt.domain.libvirt.Pool;
import io.jvirt.domain.metadata.VmMetadata;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Orders on libvirt's test driver; the lab has guests that boot. */
class StartRunTest {
    private final Host host = Host.open("test:///default");
    private final Cancellation cancellation = new Cancellation();
    private final List<String> lines = new CopyOnWriteArrayList<>();

    @AfterEach
    void removeDomains() {
        // The test driver's machines live as long as any connection of this process, which another test may hold.
        for (DomainSummary each : host.listDomains()) {
            if (!each.name().equals("test")) {
                try (Domain domain = host.findDomain(each.name())) {
                    if (domain.isActive()) {
                        domain.destroy();
                    }
                    domain.undefine(Set.of());
                }
            }
        }
        host.close();
    }

    private void define(String name) {
        host.defineDomain(
                        "<domain type='test'><name>" + name
                                + "</name><memory>8192</memory><os><type>hvm</type></os></domain>",
                        false)
                .close();
    }

    private Ordering.Placed place(String name, OrderRequest request) {
        return Ordering.set(host, name, request);
    }

    private static OrderRequest request(Integer order, String ready, List<String> after, List<String> needs) {
        return new OrderRequest(
                order,
                Duration.ZERO,
                ready == null ? null : Probe.parse("--ready", ready),
                Duration.ofMillis(400),
                Duration.ofSeconds(5),
                after,
                needs);
    }

    private Map<String, StartResult> start() {
        return new StartRun(host, new StartGraph(OrderedDomain.all(host, lines::add)), cancellation, lines::add)
                .run().stream().collect(Collectors.toMap(StartResult::name, r -> r));
    }

    private boolean isActive(String name) {
        try (Domain domain = host.findDomain(name)) {
            return domain.isActive();
        }
    }

    @Test
    void keepsAllThatWasAsked() {
        define("web");
        define("db");
        OrderRequest asked = new OrderRequest(
                120,
                Duration.ofMillis(1500),
                new Probe.Agent(),
                Duration.ofMinutes(7),
                Duration.ofSeconds(9),
                List.of("db:tcp:127.0.0.1:5432", "test"),
                List.of("network:default", "pool:default-pool", "mount:/srv/images"));
        Ordering.Placed placed = place("web", asked);
        assertThat(placed.unordered()).containsExactly("db", "test");
        try (Domain domain = host.findDomain("web")) {
            assertThat(OrderedStart.of(VmMetadata.of(domain))).isEqualTo(placed.start());
        }
        assertThat(placed.start().prerequisites().stream().map(Prerequisite::text))
                .containsExactly(
                        "db:tcp:127.0.0.1:5432", "test", "network:default", "pool:default-pool", "mount:/srv/images");
        try (Domain domain = host.findDomain("web")) {
            assertThat(Ordering.remove(host, domain)).isEmpty();
            assertThat(domain.inactiveXml()).doesNotContain("jvirt");
        }
    }

    @Test
    void aDependentWaitsForTheProbe() throws IOException, InterruptedException {
        define("db");
        define("web");
        int port;
        try (ServerSocket probe = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            port = probe.getLocalPort();
        }
        String ready = "tcp:127.0.0.1:" + port;
        place(
                "db",
                new OrderRequest(
                        1,
                        Duration.ZERO,
                        Probe.parse("--ready", ready),
                        Duration.ofMinutes(1),
                        Duration.ofSeconds(5),
                        List.of(),
                        List.of()));
        place("web", request(null, null, List.of("db"), List.of()));
        Thread run = new Thread(this::start);
        run.start();
        while (!isActive("db")) {
            Thread.onSpinWait();
        }
        for (int i = 0; i < 5; i++) {
            Thread.sleep(100);
            assertThat(isActive("web")).isFalse();
        }
        try (ServerSocket opened = new ServerSocket(port, 1, InetAddress.getLoopbackAddress())) {
            assertThat(opened.isBound()).isTrue();
            run.join();
        }
        assertThat(isActive("web")).isTrue();
        assertThat(lines).containsSubsequence(List.of("domain 'web' started"));
    }

    @Test
    void aFailedPrerequisiteLeavesItsDependentsOff() {
        for (String name : List.of("db", "web", "proxy", "other")) {
            define(name);
        }
        place("db", request(1, "tcp:127.0.0.1:1", List.of(), List.of()));
        place("web", request(2, null, List.of("db"), List.of()));
        place("proxy", request(2, null, List.of("web"), List.of()));
        place("other", request(3, null, List.of(), List.of("mount:/nowhere/at/all")));
        Map<String, StartResult> results = start();
        assertThat(results.get("db").result()).isEqualTo(Outcome.NOT_READY);
        assertThat(results.get("db").reason()).isEqualTo("tcp:127.0.0.1:1 did not pass within 0 s");
        assertThat(results.get("web").result()).isEqualTo(Outcome.LEFT_OFF);
        assertThat(results.get("web").reason()).isEqualTo("its prerequisite 'db' did not get ready");
        assertThat(results.get("proxy").reason()).isEqualTo("its prerequisite 'web' did not start");
        assertThat(results.get("other").reason()).isEqualTo("nothing is mounted on /nowhere/at/all after 0 s");
        assertThat(isActive("db")).isTrue();
        assertThat(List.of(isActive("web"), isActive("proxy"), isActive("other")))
                .containsOnly(false);
    }

    @Test
    void networksAndPoolsAreStarted() {
        define("web");
        place("web", request(1, null, List.of(), List.of("network:default", "pool:default-pool", "mount:/proc")));
        try (Network network = Network.find(host, "default");
                Pool pool = Pool.find(host, "default-pool")) {
            network.stop();
            pool.stop();
            assertThat(start().get("web").result()).isEqualTo(Outcome.STARTED);
            assertThat(network.isActive()).isTrue();
            assertThat(pool.isActive()).isTrue();
        }
        assertThat(start().get("web").result()).isEqualTo(Outcome.ALREADY_RUNNING);
    }

    @Test
    void aPrerequisiteOfNobodyIsWaitedFor() {
        define("web");
        define("db");
        place("web", request(1, null, List.of("db"), List.of()));
        assertThat(start().get("web").reason())
                .isEqualTo("its prerequisite 'db' does not run after 0 s, and jvirt does not start that one with the"
                        + " host");
        try (Domain db = host.findDomain("db")) {
            db.start();
        }
        assertThat(start().get("web").result()).isEqualTo(Outcome.STARTED);
    }

    @Test
    void libvirtsFlagGoesOff() {
        define("web");
        try (Domain web = host.findDomain("web")) {
            web.setAutostart(true);
            assertThat(place("web", request(1, null, List.of(), List.of())).libvirtsFlagWasOn())
                    .isTrue();
            assertThat(web.autostart()).isFalse();
            web.setAutostart(true);
            start();
            assertThat(web.autostart()).isFalse();
        }
        assertThat(lines).contains("domain 'web' had libvirt's autostart flag too; it is off now");
    }

    @Test
    void aCycleChangesNothing() {
        define("web");
        define("db");
        place("web", request(1, null, List.of("db"), List.of()));
        assertThatThrownBy(() -> place("db", request(1, null, List.of("web"), List.of())))
                .isInstanceOf(JvirtException.class)
                .hasMessage("domain 'db' would start after itself: db after web after db");
        try (Domain db = host.findDomain("db")) {
            assertThat(db.inactiveXml()).doesNotContain("jvirt");
        }
    }

    @Test
    void aRenameKeepsThePrerequisite() {
        define("web");
        define("db");
        place("db", request(1, null, List.of(), List.of()));
        place("web", request(null, null, List.of("db"), List.of()));
        try (Domain db = host.findDomain("db")) {
            db.rename("database");
        }
        assertThat(new StartGraph(OrderedDomain.all(host, lines::add))
                        .inOrder().stream().map(OrderedDomain::name))
                .containsExactly("database", "web");
        assertThat(start().get("web").result()).isEqualTo(Outcome.STARTED);
    }

    @Test
    void aPlaceThatCannotBeReadKeepsNobodyElse() {
        define("web");
        define("db");
        place("web", request(1, null, List.of(), List.of()));
        place("db", request(1, "agent", List.of(), List.of()));
        try (Domain db = host.findDomain("db")) {
            VmMetadata.change(
                    db,
                    metadata -> metadata.elements("metadata/jvirt:vm/jvirt:autostart")
                            .get(0)
                            .attribute("ready", "telepathy"));
        }
        assertThat(start()).containsOnlyKeys("web");
        assertThat(lines)
                .contains("the place of domain 'db' in the order cannot be read: the probe in the metadata: 'telepathy'"
                        + " is no probe");
    }

    @Test
    void stopsInReverse() {
        define("web");
        define("db");
        define("other");
        place("db", request(1, null, List.of(), List.of()));
        place("web", request(1, null, List.of("db"), List.of()));
        place("other", request(1, null, List.of(), List.of()));
        start();
        StopRun stop =
                new StopRun(host, new StartGraph(OrderedDomain.all(host, lines::add)), false, cancellation, lines::add);
        assertThat(stop.inReverse().stream().map(OrderedDomain::name)).containsExactly("web", "other", "db");
        assertThat(stop.run()).allSatisfy(r -> assertThat(r.result()).isNotNull());
        assertThat(List.of(isActive("web"), isActive("db"), isActive("other"))).containsOnly(false);
        assertThat(lines.indexOf("domain 'web' is off")).isLessThan(lines.indexOf("domain 'db' is off"));
    }

    @Test
    void aGuestThatCannotStopKeepsNobodyElse() {
        define("web");
        define("db");
        place("db", request(1, null, List.of(), List.of()));
        place("web", request(1, null, List.of("db"), List.of()));
        start();
        try (Domain web = host.findDomain("web")) {
            web.suspend();
        }
        StartGraph graph = new StartGraph(OrderedDomain.all(host, lines::add));
        List<StopRun.StopResult> results = new StopRun(host, graph, false, cancellation, lines::add).run();
        assertThat(results.get(0).reason()).isEqualTo("domain 'web' is paused: its guest cannot shut down");
        assertThat(isActive("db")).isFalse();
        assertThat(new StopRun(host, graph, true, cancellation, lines::add).run())
                .allSatisfy(r -> assertThat(r.result()).isNotNull());
        assertThat(isActive("web")).isFalse();
    }
}
