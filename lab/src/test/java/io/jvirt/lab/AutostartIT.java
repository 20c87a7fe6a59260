// SPDX-License-Identifier: Apache-2.0
package io.jvirt.lab;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/**
 * The host after a power cut: ten guests that boot, with a graph of prerequisites, one of which never gets ready. The order
 * is read from what the guests wrote on their consoles, by their own clocks.
 */
class AutostartIT extends OnKvm1 {
    private static final String INITRD = ELSEWHERE + "drill-initrd.gz";
    private static final String LOGS = "/var/log/libvirt/qemu/";

    /** Says when it booted and when it is ready; drill.work is how long that takes, drill.ip its address. */
    private static final String INIT = """
            #!/bin/busybox sh
            /bin/busybox --install -s /bin
            mount -t proc proc /proc; mount -t sysfs sysfs /sys; mount -t devtmpfs dev /dev
            for module in $(cat /modules/order); do insmod /modules/$module.ko; done 2>/dev/null
            exec </dev/ttyS0 >/dev/ttyS0 2>&1
            hwclock -s -u
            echo "drill booted at $(date +%s)"
            for event in /sys/class/input/event*; do
              grep -q 'Power Button' $event/device/name &&
                (dd if=/dev/input/${event##*/} bs=24 count=1; sleep 1; poweroff -f) 2>/dev/null &
            done
            for word in $(cat /proc/cmdline); do
              case $word in
                drill.work=*) sleep ${word#*=} ;;
                drill.ip=*) ifconfig eth0 ${word#*=} netmask 255.255.255.0 up; sleep 1; httpd -p 5432 -h /dev ;;
                drill.broken) sleep 100000 ;;
              esac
            done
            echo "drill ready at $(date +%s)"
            while :; do sleep 1000; done
            """;

    private static final String XML = """
            <domain type='qemu'>
              <name>NAME</name>
              <memory unit='MiB'>128</memory>
              <os>
                <type arch='x86_64' machine='q35'>hvm</type>
                <kernel>/var/cache/jvirt-lab/tiny-vmlinuz</kernel>
                <initrd>/var/lib/libvirt/elsewhere/drill-initrd.gz</initrd>
                <cmdline>console=ttyS0 quiet no_timer_check panic=1 ARGUMENTS</cmdline>
              </os>
              <features><acpi/></features>
              <clock offset='utc'/>
              <devices>
                <interface type='network'><source network='default'/><model type='virtio'/></interface>
                <serial type='pty'><log file='/var/log/libvirt/qemu/NAME-console.log' append='off'/></serial>
              </devices>
            </domain>
            """;

    private static final String READY = "console:drill ready";

    /** A guest: what its kernel is told, and its options of 'autostart on'. */
    private record Guest(String arguments, List<String> options) {}

    private static final Map<String, Guest> GUESTS = new LinkedHashMap<>();

    static {
        guest("drill-gate", "drill.work=1", "--order", "10", "--needs", "network:default", "--ready", READY);
        guest(
                "drill-db",
                "drill.ip=192.168.122.11",
                "--order",
                "20",
                "--after",
                "drill-gate",
                "--ready",
                "tcp:192.168.122.11:5432");
        guest("drill-store", "drill.work=2", "--order", "20", "--after", "drill-gate", "--ready", READY);
        guest("drill-cache", "drill.ip=192.168.122.12", "--order", "20", "--ready", "ping:192.168.122.12");
        guest("drill-broken", "drill.broken", "--order", "20", "--ready", READY, "--timeout", "40");
        guest(
                "drill-app",
                "drill.work=1",
                "--after",
                "drill-db",
                "--after",
                "drill-cache:tcp:192.168.122.12:5432",
                "--ready",
                READY);
        guest("drill-files", "drill.work=1", "--after", "drill-store", "--needs", "pool:default", "--ready", READY);
        guest("drill-batch", "drill.work=1", "--after", "drill-broken", "--ready", READY);
        guest("drill-web", "drill.work=1", "--after", "drill-app", "--after", "drill-files", "--ready", READY);
        guest("drill-last", "drill.work=1", "--order", "200", "--delay", "1", "--ready", READY);
    }

    private static void guest(String name, String arguments, String... options) {
        GUESTS.put(name, new Guest(arguments, List.of(options)));
    }

    @BeforeEach
    void define() {
        HOST.exec("sh", "-ec", """
                mkdir -p /var/log/libvirt/qemu; d=$(mktemp -d); mkdir $d/root; printf %s "$0" >$d/root/init; chmod 755 $d/root/init
                (cd $d/root; echo init | cpio --quiet -o -H newc | gzip -1) >$d/init.gz
                cat /var/cache/jvirt-lab/tiny-initrd.gz $d/init.gz >"$1"; rm -r $d
                """, INIT, INITRD).ok();
        GUESTS.forEach((name, guest) -> {
            String xml = XML.replace("NAME", name).replace("ARGUMENTS", guest.arguments());
            HOST.exec("sh", "-ec", "f=$(mktemp); printf %s \"$0\" >$f; virsh -q define $f; rm $f", xml)
                    .ok();
        });
    }

    @AfterEach
    void remove() {
        for (String name : GUESTS.keySet()) {
            HOST.sh("virsh -q destroy " + name + " 2>/dev/null || true; virsh -q undefine " + name + " || true; rm -f "
                            + LOGS + name + "-console.log")
                    .ok();
        }
        HOST.exec("rm", "-f", INITRD).ok();
    }

    @Test
    void afterAPowerCut() throws Exception {
        for (String name : GUESTS.keySet()) {
            List<String> line = new ArrayList<>(List.of("autostart", "on", name));
            line.addAll(GUESTS.get(name).options());
            jvirt.run(line.toArray(String[]::new)).ok();
        }
        assertThat(jvirt.run("autostart", "run", "--plan", "-o", "name").ok().lines())
                .hasSize(10)
                .startsWith("drill-gate")
                .endsWith("drill-last");
        // libvirt's flag, as virt-manager would set it behind our back.
        virsh.run("autostart", "drill-web").ok();

        // The first attempt is cut off when the first guests boot; the second goes on with what does not run.
        try (Running cut = jvirt.start("autostart", "run")) {
            while (!virsh.run("list", "--name").ok().lines().contains("drill-db")) {
                assertThat(cut.isAlive())
                        .as(cut + "\n--- drill-gate\n" + log("drill-gate"))
                        .isTrue();
                Running.pause();
            }
            cut.signal("KILL");
            assertThat(cut.err()).contains("domain 'drill-web' had libvirt's autostart flag too; it is off now");
        }
        Running again = jvirt.start("-o", "json", "autostart", "run").closeInput();
        Outcome outcome = again.await(LabHost.PATIENCE.multipliedBy(4));
        assertThat(outcome.exit()).as(outcome.toString()).isEqualTo(1);
        Map<String, JsonNode> results = new LinkedHashMap<>();
        new ObjectMapper()
                .readTree(outcome.out())
                .path("domains")
                .forEach(d -> results.put(d.path("name").asText(), d));
        assertThat(results).hasSize(10);
        results.forEach((name, result) -> assertThat(result.path("result").asText())
                .as(outcome.toString())
                .matches(
                        switch (name) {
                            case "drill-broken" -> "not_ready";
                            case "drill-batch" -> "left_off";
                            default -> "started|already_running";
                        }));
        assertThat(outcome.err())
                .contains("domain 'drill-batch' was left off: its prerequisite 'drill-broken' did not get ready");

        // From outside: what runs, and what libvirt would start.
        assertThat(virsh.run("list", "--name").ok().lines())
                .contains("drill-web", "drill-last", "drill-broken")
                .doesNotContain("drill-batch");
        assertThat(virsh.run("list", "--all", "--autostart", "--name").ok().lines())
                .doesNotContain("drill-web");

        // By the guests' own clocks: nobody booted before what it needs was ready.
        assertAfter("drill-db", "drill-gate");
        assertAfter("drill-store", "drill-gate");
        assertAfter("drill-cache", "drill-gate");
        assertAfter("drill-app", "drill-db");
        assertAfter("drill-app", "drill-cache");
        assertAfter("drill-files", "drill-store");
        assertAfter("drill-web", "drill-app");
        assertAfter("drill-web", "drill-files");
        assertAfter("drill-last", "drill-web");

        stopsInReverse();
    }

    /** By QEMU's own events, all on the host's clock: when the button was pressed, and when the guest was off. */
    private void stopsInReverse() {
        Running events = HOST.start(List.of("stdbuf", "-oL", "virsh", "qemu-monitor-event", "--loop"));
        Outcome stopped = jvirt.run("autostart", "stop", "--force");
        events.signalProgram("INT");
        String seen = events.await(LabHost.PATIENCE).out();
        assertThat(stopped.exit()).as("%s", stopped).isZero();
        assertThat(virsh.run("list", "--name").ok().lines()).noneMatch(name -> name.startsWith("drill-"));
        assertStoppedBefore(seen, "drill-last", "drill-web");
        assertStoppedBefore(seen, "drill-web", "drill-app");
        assertStoppedBefore(seen, "drill-app", "drill-db");
        assertStoppedBefore(seen, "drill-db", "drill-gate");
    }

    private static void assertStoppedBefore(String events, String first, String then) {
        assertThat(at(events, "POWERDOWN", then))
                .as("%s was asked after %s was off, in\n%s", then, first, events)
                .isGreaterThan(at(events, "SHUTDOWN", first));
    }

    /** The second at which QEMU told of it first. */
    private static double at(String events, String event, String name) {
        Matcher found = Pattern.compile("event " + event + " at ([\\d.]+) for domain '?" + name + "'?")
                .matcher(events);
        assertThat(found.find()).as("%s of %s in\n%s", event, name, events).isTrue();
        return Double.parseDouble(found.group(1));
    }

    private void assertAfter(String later, String earlier) {
        assertThat(said(later, "booted"))
                .as("%s booted after %s was ready", later, earlier)
                .isGreaterThanOrEqualTo(said(earlier, "ready"));
    }

    /** The second at which a guest said it, by its own clock. */
    private long said(String name, String what) {
        String log = log(name);
        Matcher found = Pattern.compile("drill " + what + " at (\\d+)").matcher(log);
        assertThat(found.find()).as(name + " said: " + log).isTrue();
        return Long.parseLong(found.group(1));
    }

    private static String log(String name) {
        return HOST.sh("cat " + LOGS + name + "-console.log 2>/dev/null || true")
                .ok()
                .out();
    }
}
