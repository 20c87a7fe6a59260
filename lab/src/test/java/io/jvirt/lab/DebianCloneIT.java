// SPDX-License-Identifier: Apache-2.0
package io.jvirt.lab;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** Clones of a real system: of one that runs, its file system and data; of one that is off, who each of two says that it is. */
class DebianCloneIT extends OnKvm1 {
    /** Many times what it takes alone; the machine may be busy, and the guest is emulated. */
    private static final Duration SYSTEM_BOOT = Duration.ofMinutes(10);

    private static final String USER_DATA = ELSEWHERE + "user-data";

    /** systemd-networkd, whose DHCP identity is made of the machine id, and data to compare. */
    private static final String TOLD = """
            #cloud-config
            write_files:
            - path: /etc/cloud/cloud.cfg.d/99-networkd.cfg
              content: "system_info: {network: {renderers: [networkd]}}\\n"
            runcmd:
            - systemctl disable networking; systemctl enable systemd-networkd
            - "echo 'ssh_genkeytypes: [ed25519]' >/etc/cloud/cloud.cfg.d/98-keys.cfg"
            - head -c 4M /dev/urandom >/data; sha256sum /data >/data.sum; sync
            """;

    @Test
    void clonesOfARealSystem() {
        HOST.sh("cat >" + USER_DATA + " <<'EOF'\n" + TOLD + "EOF").ok();
        jvirt.run(
                        "create",
                        "--template",
                        "debian-12",
                        "--name",
                        "lab-src",
                        "--image",
                        LabHost.GUESTS.resolve("debian.qcow2").toString(),
                        "--disk",
                        "2G",
                        "--memory",
                        "512M",
                        // Emulated, two cost more than they bring.
                        "--vcpus",
                        "1",
                        "--cloud-init",
                        "user-data=" + USER_DATA)
                .ok();
        waitForAgent("lab-src", "cloud-init status --wait >/dev/null; test -s /data.sum");
        itsConsoleAsksWhoIsThere();
        aRunningSystemIsClonedWhole();

        jvirt.run("stop", "lab-src", "--timeout", "120").ok();
        jvirt.run("clone", "lab-src", "lab-id", "--count", "2", "--mode", "linked", "--reset-identity", "--start")
                .ok();
        List<String> clones = List.of("lab-id-01", "lab-id-02");
        Set<String> seen = new HashSet<>();
        for (String clone : clones) {
            String said = waitForAgent(
                    clone,
                    "cloud-init status --wait >/dev/null; test $(hostname) = " + clone
                            + " && cat /etc/machine-id /etc/ssh/ssh_host_ed25519_key.pub"
                            + " && ip -4 -o addr show scope global | awk '{print $4}'");
            // Machine id, key, address.
            List<String> lines = said.lines().toList();
            assertThat(lines).as(said).hasSize(3);
            seen.addAll(lines);
        }
        assertThat(seen).as("what the two say of themselves").hasSize(6);
        delete("lab-id-01", "lab-id-02", "lab-src");
        HOST.exec("rm", USER_DATA).ok();
    }

    private void itsConsoleAsksWhoIsThere() {
        try (Running console = jvirt.console("lab-src")) {
            console.send("\n").expect("login:", SYSTEM_BOOT);
            console.send("root\n").expect("root@", SYSTEM_BOOT);
            // Its own and, in the first boot, the seed.
            console.send("echo disks: $(lsblk -dno TYPE | grep -c disk)\n").expect("disks: 2", SYSTEM_BOOT);
        }
    }

    private void aRunningSystemIsClonedWhole() {
        assertThat(jvirt.run("clone", "lab-src", "lab-live").ok().out()).contains("agent froze its file systems");
        assertThat(virsh.state("lab-src")).isEqualTo("running");
        assertThat(disk("lab-src")).isEqualTo(POOL + "lab-src.qcow2");
        List<String> data = HOST.sh("cd " + ELSEWHERE + "; qemu-img convert -O raw " + POOL + "lab-live.qcow2 whole\n"
                        + "start=$(sfdisk -d whole | sed -n 's/.*whole2 : start= *\\([0-9]*\\).*/\\1/p')\n"
                        + "dd if=whole of=part bs=1M iflag=skip_bytes skip=$((start * 512)) conv=sparse status=none\n"
                        + "e2fsck -fn part >/dev/null 2>&1\n"
                        + "debugfs -R 'cat /data.sum' part 2>/dev/null | cut -d' ' -f1\n"
                        + "debugfs -R 'dump /data data' part 2>/dev/null; sha256sum data | cut -d' ' -f1\n"
                        + "rm whole part data")
                .ok()
                .lines();
        assertThat(data).hasSize(2);
        assertThat(data.get(0)).matches("[0-9a-f]{64}").isEqualTo(data.get(1));
        delete("lab-live");
    }

    /** Runs a script in the guest through its agent until it succeeds; returns what it printed. */
    private String waitForAgent(String domain, String script) {
        long deadline = System.nanoTime() + SYSTEM_BOOT.toNanos();
        List<String> command = new ArrayList<>(List.of("python3", "-c", AGENT, domain, script));
        while (true) {
            Outcome outcome = HOST.exec(command);
            if (outcome.exit() == 0) {
                return outcome.out();
            }
            assertThat(System.nanoTime()).as("%s", outcome).isLessThan(deadline);
            for (int i = 0; i < 40; i++) {
                Running.pause();
            }
        }
    }

    private static final String AGENT = """
            import base64, json, subprocess, sys, time
            def ask(name, **arguments):
                text = json.dumps({'execute': name, 'arguments': arguments})
                answer = subprocess.run(['virsh', 'qemu-agent-command', sys.argv[1], text], capture_output=True, text=True)
                if answer.returncode:
                    sys.exit(answer.stderr)
                return json.loads(answer.stdout)['return']
            pid = ask('guest-exec', path='/bin/sh', arg=['-c', sys.argv[2]], **{'capture-output': True})['pid']
            for _ in range(90):
                status = ask('guest-exec-status', pid=pid)
                if status['exited']:
                    sys.stdout.write(base64.b64decode(status.get('out-data', '')).decode())
                    sys.exit(status['exitcode'])
                time.sleep(1)
            sys.exit('it does not end')
            """;
}
