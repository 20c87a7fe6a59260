// SPDX-License-Identifier: Apache-2.0
package io.jvirt.lab;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** events and top on a guest that runs. */
class WatchIT extends OnKvm1 {
    private static final String XML = """
            <domain type='qemu'>
              <name>lab-watch</name>
              <memory unit='MiB'>160</memory>
              <vcpu>1</vcpu>
              <os>
                <type arch='x86_64' machine='q35'>hvm</type>
                <kernel>/var/cache/jvirt-lab/tiny-vmlinuz</kernel>
                <initrd>/var/cache/jvirt-lab/tiny-initrd.gz</initrd>
                <cmdline>console=ttyS0 quiet</cmdline>
              </os>
              <features><acpi/></features>
              <devices><serial type='pty'/></devices>
            </domain>
            """;

    @BeforeEach
    void define() {
        HOST.exec("sh", "-ec", "f=$(mktemp); printf %s \"$0\" >$f; virsh -q define $f; rm $f", XML)
                .ok();
    }

    @AfterEach
    void remove() {
        HOST.sh("virsh -q destroy lab-watch 2>/dev/null || true; virsh -q undefine lab-watch")
                .ok();
    }

    @Test
    void eventsAreWhatLibvirtDid() throws Exception {
        try (Running events = jvirt.start(
                "-v", "-o", "json", "events", "lab-watch", "--event", "lifecycle", "--count", "4", "--timeout", "90")) {
            while (!events.err().contains("listening")) {
                assertThat(events.isAlive()).as(events.toString()).isTrue();
                Running.pause();
            }
            virsh.run("start", "lab-watch").ok();
            virsh.run("suspend", "lab-watch").ok();
            virsh.run("resume", "lab-watch").ok();
            virsh.run("destroy", "lab-watch").ok();
            Outcome outcome = events.await(LabHost.PATIENCE).ok();
            List<String> seen = new ArrayList<>();
            for (String line : outcome.lines()) {
                JsonNode event = new ObjectMapper().readTree(line).path("event");
                assertThat(event.path("name").asText()).isEqualTo("lab-watch");
                seen.add(event.path("event").asText());
            }
            // A start resumes the processors of a machine that was made paused.
            assertThat(seen).hasSize(4).startsWith("resumed").contains("started", "suspended");
        }
    }

    @Test
    void topShowsAndTakesKeys() {
        virsh.run("start", "lab-watch").ok();
        JsonNode usage = jvirt.json("top", "--interval", "1").path("domains").path(0);
        assertThat(usage.path("name").asText()).isEqualTo("lab-watch");
        assertThat(usage.path("cpuPercent").asDouble()).isPositive();
        assertThat(usage.path("residentBytes").asLong()).isGreaterThan(16L << 20);
        assertThat(usage.path("memoryBytes").asLong()).isEqualTo(160L << 20);

        List<String> command = List.of(
                "script", "-qfec", "stty rows 24 cols 120; " + String.join(" ", Jvirt.command("top")), "/dev/null");
        try (Running top = HOST.start(command, Map.of("TERM", "xterm"))) {
            top.expect("lab-watch", BOOT);
            top.send("p");
            top.expect("is paused; p lets it run on", BOOT);
            assertThat(virsh.state("lab-watch")).isEqualTo("paused");
            top.send("p");
            top.expect("runs on", BOOT);
            assertThat(virsh.state("lab-watch")).isEqualTo("running");
            top.send("K");
            top.expect("y confirms", BOOT);
            top.send("y");
            top.expect("was forced off", BOOT);
            top.send("q");
            assertThat(top.await(BOOT).exit()).isZero();
        }
        assertThat(virsh.state("lab-watch")).isEqualTo("shut off");
    }
}
