// SPDX-License-Identifier: Apache-2.0
package io.jvirt.lab;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** Two verbs at once on one thing: the second is refused, is told who has it, and changes nothing. */
class LockIT extends OnKvm1 {
    private static final String NAME = "lab-lock";
    private static final String RELEASE = "rm /var/lib/jvirt/journal/held-*";

    /** A guest that does not hear the power button keeps 'stop' waiting, and what it waits for locked. */
    @Test
    void aDomainIsOneVerbsAtATime() {
        jvirt.run("create", "--name", NAME, "--disk", "64M", "--memory", "64M", "--graphics", "none", "--start")
                .ok();
        String saved = ELSEWHERE + "lab-lock.save";
        String xml = ELSEWHERE + "lab-lock.xml";
        HOST.sh("virsh -q dumpxml --inactive " + NAME + " | sed s,65536,131072, >" + xml)
                .ok();
        String before = virsh.xml(NAME);
        Running stop = jvirt.start("stop", NAME, "--timeout", "10m");
        stop.expectError("waiting up to 600 s", Duration.ofSeconds(30));
        for (List<String> verb : verbs(xml, saved)) {
            Outcome outcome = verb.get(0).equals("edit")
                    ? HOST.start(Jvirt.command("edit", NAME), Map.of("EDITOR", "sed -i s,65536,131072,"))
                            .closeInput()
                            .await(LabHost.PATIENCE)
                    : jvirt.run(verb.toArray(String[]::new));
            outcome.failsWith(
                    4,
                    "domain '" + NAME + "' is being changed by 'jvirt stop " + NAME + "' (pid ",
                    verb.get(0).equals("edit")
                            ? "your text is kept in "
                            : "wait for it to end, or interrupt it: kill ");
            assertThat(outcome.err())
                    .as("%s", outcome)
                    .containsPattern("on kvm1, since 20\\d\\d-\\d\\d-\\d\\dT\\S+Z\\)");
        }
        assertThat(virsh.xml(NAME)).isEqualTo(before);
        assertThat(virsh.state(NAME)).isEqualTo("running");
        assertThat(exists(saved)).isFalse();
        assertThat(stop.isAlive()).isTrue();
        // As the hint says; then the machine is free at once.
        String pid = HOST.sh("grep -ho '\"pid\":[0-9]*' /var/lib/jvirt/journal/stop-*.jsonl")
                .ok()
                .out()
                .strip()
                .substring(6);
        HOST.exec("kill", pid).ok();
        assertThat(stop.await(Duration.ofSeconds(30)).exit()).isEqualTo(130);
        jvirt.run("stop", NAME, "--timeout", "0", "--force").ok();
        HOST.sh("rm -f " + xml + " /tmp/jvirt-" + virsh.xpath(NAME, "/domain/uuid/text()") + "-*.xml")
                .ok();
        delete(NAME);
    }

    private static List<List<String>> verbs(String xml, String saved) {
        List<List<String>> verbs = new ArrayList<>();
        for (String verb : new String[] {"start", "stop", "reboot", "reset", "suspend", "resume", "save"}) {
            verbs.add(List.of(verb, NAME));
        }
        verbs.add(List.of("stop", NAME, "--timeout", "0", "--force"));
        verbs.add(List.of("save", NAME, "--file", saved));
        verbs.add(List.of("rename", NAME, "lab-lock-2"));
        verbs.add(List.of("set", NAME, "--title", "changed"));
        verbs.add(List.of("edit", NAME));
        verbs.add(List.of("define", xml));
        verbs.add(List.of("delete", NAME, "--force", "--yes"));
        verbs.add(List.of("autostart", "on", NAME));
        verbs.add(List.of("autostart", "on", NAME, "--order", "10"));
        verbs.add(List.of("autostart", "off", NAME));
        verbs.add(List.of("snapshot", "create", NAME, "first"));
        verbs.add(List.of("template", "mark", NAME));
        return verbs;
    }

    /** Held by an entry that a verb in another terminal would have. */
    @Test
    void poolsVolumesAndNetworksToo() {
        jvirt.run("volume", "create", "default", "lab-lock.raw", "1M").ok();
        held("volume:default/lab-lock.raw");
        String volume = "volume 'lab-lock.raw' of pool 'default'";
        refusedFor(volume, "volume", "resize", "default", "lab-lock.raw", "1G");
        refusedFor(volume, "volume", "delete", "default", "lab-lock.raw", "--yes");
        HOST.sh(RELEASE).ok();
        jvirt.run("volume", "delete", "default", "lab-lock.raw", "--yes").ok();
        jvirt.run("pool", "create", "lab-pool", "--dir", ELSEWHERE + "lab-pool").ok();
        held("pool:lab-pool");
        for (String verb : new String[] {"start", "stop", "refresh"}) {
            refusedFor("pool 'lab-pool'", "pool", verb, "lab-pool");
        }
        refusedFor("pool 'lab-pool'", "pool", "delete", "lab-pool", "--storage", "--yes");
        HOST.sh(RELEASE).ok();
        jvirt.run("pool", "delete", "lab-pool", "--storage", "--yes").ok();
        String net = "default";
        held("network:" + net);
        for (String verb : new String[] {"start", "stop"}) {
            refusedFor("network 'default'", "net", verb, net);
        }
        refusedFor("network 'default'", "net", "reserve", net, "52:54:00:00:00:01", "192.168.122.77");
        refusedFor("network 'default'", "net", "delete", net, "--yes");
        HOST.sh(RELEASE).ok();
    }

    /** An entry of a process that lives as long as the host: its first. */
    private static void held(String thing) {
        HOST.sh(
                        "mkdir -p /var/lib/jvirt/journal; f=/var/lib/jvirt/journal/held-$$.jsonl; printf '%s\\n' '{\"record\":\"begin\","
                                + "\"version\":1,\"id\":\"held-1\",\"verb\":\"held\",\"uri\":\"qemu:///system\",\"domains\":[\""
                                + thing
                                + "\"],\"at\":\"2026-01-31T08:00:00Z\",\"owner\":{\"pid\":1,\"startTicks\":'$(sed 's/.*) //'"
                                + " /proc/1/stat | cut -d' ' -f20)',\"bootId\":\"'$(cat /proc/sys/kernel/random/boot_id)'\","
                                + "\"hostname\":\"kvm1\",\"command\":\"jvirt held\"},\"steps\":[]}' >$f")
                .ok();
    }

    private void refusedFor(String what, String... verb) {
        jvirt.run(verb).failsWith(4, what + " is being changed by 'jvirt held' (pid 1 on kvm1", "kill 1");
    }
}
