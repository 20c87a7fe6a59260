// SPDX-License-Identifier: Apache-2.0
package io.jvirt.lab;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** What both sides of a copy take of memory, where the disk is large: 4 TiB with a little data all over it. */
class MigrateMemoryIT extends OnBothHosts {
    private static final long MOST_KIB = 300 << 10;
    private static final String NAME = "lab-memory";
    private static final String RAW = OnKvm1.POOL + NAME + ".raw";
    private static final String QCOW2 = OnKvm1.POOL + NAME + ".qcow2";
    private static final Pattern PEAK = Pattern.compile("VmHWM:\\s+(\\d+) kB");

    @AfterEach
    void remove() {
        for (LabHost host : List.of(HERE, THERE)) {
            host.sh("virsh -q undefine " + NAME + " 2>/dev/null || true; rm -rf " + RAW + " " + QCOW2
                            + " /var/lib/libvirt/.jvirt-trash /var/lib/jvirt/trash; virsh -q pool-refresh default")
                    .ok();
        }
    }

    @Test
    void aDiskOfFourTebibytesTakesNoMoreThanAnother() {
        HERE.sh(
                        "truncate -s 4T " + RAW + "; for i in $(seq 0 63); do dd if=/dev/urandom of=" + RAW
                                + " bs=1M count=2 seek=$((i*65536+7)) conv=notrunc status=none; done; virsh -q pool-refresh default")
                .ok();
        jvirt.run("create", NAME, "--import", RAW, "--no-start").ok();
        assertBounded("migrate", NAME, "--to", "kvm2", "--keep-source", "--yes");
        assertBounded("disk", "copy", "--delta", RAW, "kvm2:" + RAW);
    }

    @Test
    void norDoesAnImageThatIsWrittenAsTheGuestSeesIt() {
        HERE.sh("qemu-img create -q -f qcow2 " + QCOW2
                        + " 4T; for i in $(seq 0 63); do echo write -q -P 7 $((i*64+1))G 2M; done" + " | qemu-io "
                        + QCOW2 + " >/dev/null; virsh -q pool-refresh default")
                .ok();
        jvirt.run("create", NAME, "--import", QCOW2, "--no-start").ok();
        assertBounded("migrate", NAME, "--to", "kvm2", "--keep-source", "--compact", "--yes");
    }

    /** Runs it and looks at the peaks of all JVMs on both hosts while it does. */
    private void assertBounded(String... verb) {
        long here = 0;
        long there = 0;
        try (Running running = jvirt.start(verb)) {
            while (running.isAlive()) {
                here = Math.max(here, peakKib(HERE));
                there = Math.max(there, peakKib(THERE));
            }
            assertThat(running.await(LabHost.PATIENCE).exit()).as("%s", running).isZero();
        }
        System.out.println(String.join(" ", verb) + ": " + here / 1024 + " MiB here, " + there / 1024 + " MiB there");
        assertThat(List.of(here, there)).as("KiB, here and there").allMatch(kib -> kib > 10 << 10 && kib <= MOST_KIB);
    }

    private static long peakKib(LabHost host) {
        String found = host.sh(
                        "for s in /proc/[0-9]*/status; do grep -q '^Name:.*java$' $s 2>/dev/null && grep VmHWM $s; done"
                                + " 2>/dev/null || true")
                .out();
        long most = 0;
        Matcher matcher = PEAK.matcher(found);
        while (matcher.find()) {
            most = Math.max(most, Long.parseLong(matcher.group(1)));
        }
        return most;
    }
}
