// SPDX-License-Identifier: Apache-2.0
package io.jvirt.lab;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.time.Duration;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** The daily verbs on a machine that jvirt did not make: a guest that boots, listens to the power button and talks. */
class PowerIT extends OnKvm1 {
    private static final String XML = """
            <domain type='qemu'>
              <name>lab-power</name>
              <memory unit='MiB'>160</memory>
              <os>
                <type arch='x86_64' machine='q35'>hvm</type>
                <kernel>/var/cache/jvirt-lab/tiny-vmlinuz</kernel>
                <initrd>/var/cache/jvirt-lab/tiny-initrd.gz</initrd>
                <cmdline>console=ttyS0 quiet</cmdline>
              </os>
              <features><acpi/></features>
              <devices>
                <disk type='file'>
                  <driver name='qemu' type='qcow2'/>
                  <source file='/var/lib/libvirt/images/lab-power.qcow2'/>
                  <target dev='vda' bus='virtio'/>
                </disk>
                <interface type='network'><source network='default'/><model type='virtio'/></interface>
                <serial type='pty'/>
                <console type='pty'/>
              </devices>
            </domain>
            """;

    @BeforeEach
    void define() {
        HOST.exec("qemu-img", "create", "-q", "-f", "qcow2", "-b", TINY_DISK, "-F", "qcow2", POOL + "lab-power.qcow2")
                .ok();
        HOST.exec(
                        "sh",
                        "-ec",
                        "printf %s \"$0\" >/tmp/lab-power.xml; virsh -q define /tmp/lab-power.xml; rm /tmp/lab-power.xml",
                        XML)
                .ok();
    }

    @AfterEach
    void remove() {
        HOST.sh("virsh -q destroy lab-power 2>/dev/null || true; virsh -q undefine --managed-save lab-power; rm -f "
                        + POOL + "lab-power.qcow2")
                .ok();
    }

    @Test
    void startsTalksAndStops() {
        try (Running console = jvirt.start("start", "lab-power", "--console")) {
            console.expect(TINY_UP, BOOT);
            assertThat(virsh.state("lab-power")).isEqualTo("running");
            assertThat(jvirt.run("list", "--running", "-o", "name").ok().lines())
                    .contains("lab-power");
            jvirt.run("console", "lab-power").failsWith(1, "Active console session exists", "--force");

            JsonNode domain = jvirt.json("info", "lab-power").path("domain");
            assertThat(domain.path("state").asText()).isEqualTo("running");
            JsonNode disk = domain.path("disks").path(0);
            assertThat(disk.path("virtualSizeBytes").asLong())
                    .isEqualTo(qemuImg.info(TINY_DISK).path("virtual-size").asLong());
            assertThat(disk.path("backingChain").path(0).asText()).isEqualTo(TINY_DISK);

            String boot = bootId(console);
            assertThat(jvirt.run("reboot", "lab-power", "--wait", "rebooted")
                            .ok()
                            .out())
                    .isEqualTo("Domain 'lab-power' has rebooted\n");
            awaitSecondBoot(console);
            assertThat(bootId(console)).isNotEqualTo(boot);
            jvirt.run("reboot", "lab-power", "--wait", "tcp:192.168.122.250:9", "--timeout", "2")
                    .failsWith(1, "not", "jvirt");
            assertThat(jvirt.run("stop", "lab-power").ok().out()).isEqualTo("Domain 'lab-power' is off\n");
            assertThat(virsh.state("lab-power")).isEqualTo("shut off");
            assertThat(console.await(Duration.ofSeconds(20)).exit()).isZero();
        }
        assertThat(jvirt.run("stop", "lab-power").ok().out()).contains("already off");
        jvirt.run("console", "lab-power").failsWith(1, "is off", "jvirt start lab-power");
    }

    @Test
    void aGuestThatDoesNotShutDown() {
        // Paused in its firmware: it never hears the button.
        jvirt.run("start", "--paused", "lab-power").ok();
        assertThat(virsh.state("lab-power")).isEqualTo("paused");
        jvirt.run("stop", "lab-power").failsWith(1, "is paused", "jvirt resume");
        jvirt.run("resume", "lab-power").ok();
        jvirt.run("stop", "lab-power", "--timeout", "300ms").failsWith(1, "did not shut down within", "--force");
        assertThat(virsh.state("lab-power")).isEqualTo("running");
        assertThat(jvirt.run("stop", "lab-power", "--timeout", "300ms", "--force")
                        .ok()
                        .out())
                .isEqualTo("Domain 'lab-power' was forced off\n");
        assertThat(virsh.state("lab-power")).isEqualTo("shut off");
    }

    private static void awaitSecondBoot(Running console) {
        long deadline = System.nanoTime() + BOOT.toNanos();
        while (console.out().split(TINY_UP, -1).length < 3) {
            assertThat(System.nanoTime()).as("%s", console).isLessThan(deadline);
            Running.pause();
        }
    }

    private static String bootId(Running console) {
        int before = console.out().length();
        console.send("cat /proc/sys/kernel/random/boot_id; echo end of id\n");
        console.expect("end of id\r\n", BOOT);
        long deadline = System.nanoTime() + BOOT.toNanos();
        Pattern id = Pattern.compile("(\\p{XDigit}{8}-[\\p{XDigit}-]{27})\\s+end of id");
        Matcher found = id.matcher(console.out().substring(before));
        while (!found.find()) {
            assertThat(System.nanoTime()).as("%s", console).isLessThan(deadline);
            Running.pause();
            found = id.matcher(console.out().substring(before));
        }
        return found.group(1);
    }

    @Test
    void autostartIsLibvirtsLink() {
        String link = "/etc/libvirt/qemu/autostart/lab-power.xml";
        jvirt.run("autostart", "on", "lab-power").ok();
        assertThat(exists(link)).isTrue();
        assertThat(jvirt.run("autostart", "list", "-o", "name").ok().lines()).contains("lab-power");
        jvirt.run("autostart", "off", "lab-power").ok();
        assertThat(exists(link)).isFalse();
    }

    @Test
    void savesAndContinues() {
        jvirt.run("start", "lab-power").ok();
        assertTinyGuestTalks("lab-power");
        jvirt.run("save", "lab-power").ok();
        assertThat(virsh.state("lab-power")).isEqualTo("shut off");
        assertThat(jvirt.json("info", "lab-power")
                        .path("domain")
                        .path("managedSave")
                        .asBoolean())
                .isTrue();
        jvirt.run("start", "lab-power").ok();
        assertTinyGuestTalks("lab-power");
        jvirt.run("stop", "lab-power", "--force", "--timeout", "0").ok();
    }

    @Test
    void whatKeepsItFromStarting() {
        HOST.exec("mv", POOL + "lab-power.qcow2", POOL + "lab-power.away").ok();
        jvirt.run("start", "lab-power").failsWith(1, "lab-power.qcow2", "jvirt info lab-power");
        HOST.exec("mv", POOL + "lab-power.away", POOL + "lab-power.qcow2").ok();
        jvirt.run("net", "stop", "default").ok();
        try {
            jvirt.run("start", "lab-power").failsWith(1, "network 'default' is not active", "jvirt net start default");
        } finally {
            jvirt.run("net", "start", "default").ok();
        }
        assertThat(virsh.state("lab-power")).isEqualTo("shut off");
    }
}
