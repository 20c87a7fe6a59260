// SPDX-License-Identifier: Apache-2.0
package io.jvirt.cli.host;

import static org.assertj.core.api.Assertions.assertThat;

import io.jvirt.cli.JvirtRun;
import io.jvirt.domain.libvirt.Domain;
import io.jvirt.domain.libvirt.Host;
import io.jvirt.domain.libvirt.Network;
import io.jvirt.domain.libvirt.Scope;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Events of libvirt's test driver. */
class EventsCommandTest {
    private Host host;

    @BeforeEach
    void open() {
        // The connections of this process to the test driver are one, and the first decides whether it has a loop.
        host = Host.openForEvents("test:///default");
    }

    @AfterEach
    void close() {
        host.close();
    }

    /** Runs the command and, until it ends, what makes events. */
    private static JvirtRun whileItListens(Runnable change, String... args)
            throws ExecutionException, InterruptedException {
        String[] all = new String[args.length + 3];
        all[0] = "events";
        System.arraycopy(args, 0, all, 1, args.length);
        all[args.length + 1] = "-c";
        all[args.length + 2] = "test:///default";
        CompletableFuture<JvirtRun> run = CompletableFuture.supplyAsync(() -> JvirtRun.of(all));
        while (!run.isDone()) {
            change.run();
            Thread.sleep(20);
        }
        return run.get();
    }

    private void suspendAndResume() {
        try (Domain test = host.findDomain("test")) {
            test.suspend();
            test.resume();
        }
    }

    @Test
    void linesForPeople() throws Exception {
        JvirtRun run = whileItListens(this::suspendAndResume, "test", "--count", "2", "--event", "lifecycle");
        assertThat(run.err()).isEmpty();
        assertThat(run.exit()).isZero();
        assertThat(run.out().lines())
                .hasSize(2)
                .allSatisfy(line -> assertThat(line)
                        .matches("\\d{4}-.*Z test lifecycle (suspended \\(paused\\)|resumed \\(unpaused\\))"));
    }

    @Test
    void jsonLinesForPrograms() throws Exception {
        JvirtRun run = whileItListens(
                this::suspendAndResume, "1", "--event", "lifecycle:suspended", "--count", "1", "-o", "json");
        assertThat(run.out())
                .matches("\\{\"schema\":\"jvirt/events\",\"version\":1,\"event\":\\{\"time\":\"[^\"]+\",\"kind\":"
                        + "\"lifecycle\",\"object\":\"domain\",\"name\":\"test\",\"uuid\":\"[0-9a-f-]{36}\",\"event\":"
                        + "\"suspended\",\"detail\":\"paused\"}}\n");
    }

    @Test
    void networksAndMetadata() throws Exception {
        JvirtRun network = whileItListens(
                () -> {
                    try (Network net = Network.find(host, "default")) {
                        net.stop();
                        net.start();
                    }
                },
                "--event",
                "network:started",
                "--count",
                "1");
        assertThat(network.out()).matches("\\S+ default network started\n");
        JvirtRun metadata = whileItListens(
                () -> {
                    try (Domain test = host.findDomain("test")) {
                        test.setTitle("a title", Scope.CONFIG);
                    }
                },
                "--event",
                "metadata-change",
                "--count",
                "1",
                "-o",
                "name");
        assertThat(metadata.out()).isEqualTo("test\n");
    }

    @Test
    void whatDoesNotCome() {
        JvirtRun none = JvirtRun.of("events", "-c", "test:///default", "nosuch", "--timeout", "300ms");
        assertThat(none).isEqualTo(new JvirtRun(0, "", ""));
        JvirtRun missing =
                JvirtRun.of("events", "-c", "test:///default", "nosuch", "--timeout", "300ms", "--count", "2");
        assertThat(missing.exit()).isEqualTo(1);
        assertThat(missing.err())
                .isEqualTo("jvirt: 0 of 2 events came within 300ms\n"
                        + "hint: without --event and names each event counts; --timeout gives it more time\n");
        JvirtRun zero = JvirtRun.of("events", "--count", "0");
        assertThat(zero.exit()).isEqualTo(2);
        assertThat(zero.err()).isEqualTo("jvirt: --count 0 ends before the first event\nhint: give 1 or more\n");
    }
}
