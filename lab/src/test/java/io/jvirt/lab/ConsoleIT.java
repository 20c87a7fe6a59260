// SPDX-License-Identifier: Apache-2.0
package io.jvirt.lab;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Consoles of a guest that boots: scripts, recordings, a second port, a channel, and guests that say nothing. */
class ConsoleIT extends OnKvm1 {
    private static final String XML = """
            <domain type='qemu'>
              <name>lab-console</name>
              <memory unit='MiB'>160</memory>
              <os>
                <type arch='x86_64' machine='q35'>hvm</type>
                <kernel>/var/cache/jvirt-lab/tiny-vmlinuz</kernel>
                <initrd>/var/cache/jvirt-lab/tiny-initrd.gz</initrd>
                <cmdline>COMMAND</cmdline>
              </os>
              <features><acpi/></features>
              <devices>DEVICES</devices>
            </domain>
            """;

    private static final String TWO_PORTS_AND_A_CHANNEL = """
            <serial type='pty'/>
            <serial type='pty'/>
            <serial type='file'><source path='/var/lib/libvirt/elsewhere/lab-console.out'/></serial>
            <channel type='unix'><target type='virtio' name='org.jvirt.lab'/></channel>
            """;

    private void start(String command, String devices) {
        HOST.exec(
                        "sh",
                        "-ec",
                        "f=$(mktemp); printf %s \"$0\" >$f; virsh -q define $f; rm $f; virsh -q start lab-console",
                        XML.replace("COMMAND", command).replace("DEVICES", devices))
                .ok();
    }

    @AfterEach
    void remove() {
        HOST.sh("virsh -q destroy lab-console 2>/dev/null || true; virsh -q undefine lab-console 2>/dev/null || true;"
                        + " rm -f /var/lib/libvirt/elsewhere/lab-console*")
                .ok();
    }

    @Test
    void talksByScript() {
        start("console=ttyS0 quiet", TWO_PORTS_AND_A_CHANNEL);
        String log = ELSEWHERE + "lab-console.log";
        String lines = ELSEWHERE + "lab-console.in";
        HOST.sh("i=0; while [ $i -lt 40 ]; do echo \"x=$i-$((i*i))\"; i=$((i+1)); done >" + lines
                        + "; echo 'echo last is $x' >>" + lines)
                .ok();
        Outcome script = jvirt.run(
                "console",
                "lab-console",
                "--timeout",
                "90",
                "--log",
                log,
                "--type",
                "",
                "--expect",
                "tiny#",
                "--type",
                "echo six times seven is $((6*7))",
                "--expect",
                "six times seven is 42",
                "--send",
                lines,
                "--expect",
                "last is 39-1521");
        assertThat(script.ok().out()).contains("six times seven is 42");
        assertThat(HOST.exec("cat", log).ok().lines())
                .anyMatch(line -> line.matches("\\d{4}-\\d\\d-\\d\\dT[\\d:.]+Z .*six times seven is 42.*"));
        assertThat(HOST.exec("stat", "-c", "%a", log).ok().out().strip()).isEqualTo("600");

        jvirt.run("console", "lab-console", "--type", "echo here", "--expect", "never said", "--timeout", "2")
                .failsWith(1, "did not say 'never said' within 2 s", "--timeout gives it more time");

        HOST.sh("exec " + LabHost.CHECKOUT + "/jvirt console lab-console </")
                .failsWith(1, "cannot read standard input: Is a directory", "only listens");

        // The second port, and the channel, from both ends.
        JsonNode devices = jvirt.json("console", "lab-console", "--list").path("devices");
        assertThat(devices.toString()).contains("serial1", "org.jvirt.lab", "serial2", "\"file\"");
        String say = "echo from the second port >/dev/ttyS1";
        try (Running second =
                jvirt.start("console", "lab-console", "--device", "serial1", "--expect", "from the second port")) {
            while (second.isAlive()) {
                // Until the second port has been opened, what is said there is heard by nobody.
                jvirt.run("console", "lab-console", "--type", say, "--expect", "tiny#", "--timeout", "60")
                        .ok();
            }
            assertThat(second.await(BOOT).ok().out()).contains("from the second port");
        }
        // Without a host at the other end a port reads as empty: the guest asks again.
        String answer =
                "set -- /dev/vport*p1; (exec 3<$1; a=; while [ -z \"$a\" ]; do read -r a <&3 || sleep 1; done; echo"
                        + " got $a >/got) & echo rea''dy";
        jvirt.run("console", "lab-console", "--type", answer, "--expect", "ready")
                .ok();
        jvirt.run("console", "lab-console", "--device", "org.jvirt.lab", "--type", "by channel")
                .ok();
        jvirt.run("console", "lab-console", "--type", "until cat /got; do sleep 1; done", "--expect", "got by channel")
                .ok();

        jvirt.run("console", "lab-console", "--device", "serial2")
                .failsWith(1, "is of type file", "tail -f /var/lib/libvirt/elsewhere/lab-console.out");
        try (Running held = jvirt.console("lab-console")) {
            held.send("\n");
            held.expect("tiny#", BOOT);
            jvirt.run("console", "lab-console", "--timeout", "1")
                    .failsWith(1, "Active console session exists", "--force");
            jvirt.run("console", "lab-console", "--force", "--type", "", "--expect", "tiny#")
                    .ok();
        }
    }

    @Test
    void hearsTheLastWordOfEachAnswer() {
        start("console=ttyS0 quiet", "<serial type='pty'/>");
        List<String> script = new ArrayList<>(List.of("console", "lab-console", "--timeout", "60"));
        for (int i = 0; i < 400; i++) {
            script.addAll(List.of("--type", "", "--expect", "tiny# "));
        }
        jvirt.run(script.toArray(String[]::new)).ok();

        try (Running listening = jvirt.start("console", "lab-console")) {
            listening.send("\n").expect("tiny#", BOOT);
            HOST.sh("kill -KILL $(cat /run/libvirtd.pid)").ok();
            listening
                    .await(LabHost.PATIENCE)
                    .failsWith(1, "the connection to qemu:///system was lost", "console lab-console");
        } finally {
            HOST.startLibvirtd();
        }
    }

    @Test
    void aSilentGuestIsExplained() {
        start("quiet", "<serial type='pty'/>");
        Outcome silent = jvirt.run("console", "lab-console", "--device", "serial0", "--timeout", "2");
        assertThat(silent.ok().err()).contains("console=ttyS0,115200 in <os><cmdline>");
    }

    @Test
    void aGuestWithoutAConsole() {
        start("quiet", "<channel type='unix'><target type='virtio' name='org.jvirt.lab'/></channel>");
        jvirt.run("console", "lab-console").failsWith(1, "has no serial console", "<serial type='pty'/>");
        assertThat(jvirt.run("console", "lab-console", "--list", "-o", "name")
                        .ok()
                        .lines())
                .isEqualTo(List.of("channel0"));
    }
}
