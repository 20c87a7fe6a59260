// SPDX-License-Identifier: Apache-2.0
package io.jvirt.lab;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/**
 * What a move costs on the wire, counted on the target's interface with all headers: a sparse disk, one of which a sixteenth
 * has changed, and the rest of one that was cut off. A tenth of the size that the long form ({@code -Djvirt.migrate.wire=full})
 * has: 100 GiB with 1 GiB of data.
 */
class MigrateWireIT extends OnBothHosts {
    private static final boolean IS_FULL = "full".equals(System.getProperty("jvirt.migrate.wire"));
    private static final long MIB = 1L << 20;
    private static final int VIRTUAL_GIB = IS_FULL ? 100 : 10;
    private static final int DATA_MIB = IS_FULL ? 1024 : 96;
    private static final int CHANGED_MIB = DATA_MIB / 16;
    private static final int PLACES = 8;
    private static final String NAME = "lab-wire";
    private static final String DISK = OnKvm1.POOL + NAME + ".raw";

    @AfterEach
    void remove() {
        LabHost.lab("join", "kvm2");
        LabHost.lab("slow", "kvm2", "off");
        for (LabHost host : List.of(HERE, THERE)) {
            host.sh("virsh -q undefine " + NAME + " 2>/dev/null || true; rm -rf " + DISK
                            + " /var/lib/libvirt/.jvirt-trash /var/lib/jvirt/trash; virsh -q pool-refresh default")
                    .ok();
        }
    }

    @Test
    void onlyDataTravelsAndThenOnlyWhatHasChanged() {
        define();
        assertThat(bytesOf("migrate", NAME, "--to", "kvm2", "--keep-source", "--yes"))
                .as("of %d MiB of data in %d GiB", DATA_MIB, VIRTUAL_GIB)
                .isLessThanOrEqualTo((long) (DATA_MIB * MIB * 1.07));
        assertSame();
        // It comes back to what was kept, and a part of it changes.
        THERE.exec("virsh", "-q", "undefine", NAME).ok();
        HERE.sh("dd if=/dev/urandom of=" + DISK + " bs=1M count=" + CHANGED_MIB + " seek=$((" + VIRTUAL_GIB
                        + "*1024/2)) conv=notrunc status=none")
                .ok();
        jvirt.run("create", NAME, "--import", DISK, "--no-start").ok();
        assertThat(bytesOf("migrate", NAME, "--to", "kvm2", "--keep-source", "--delta", "--yes"))
                .as("of %d MiB that have changed", CHANGED_MIB)
                .isLessThanOrEqualTo((long) (CHANGED_MIB * MIB * 75.0 / 64));
        assertSame();
    }

    @Test
    void cutOffAtSixtyPercentItSendsTheRestAlone() {
        define();
        LabHost.lab("slow", "kvm2", IS_FULL ? "400mbit" : "80mbit").ok();
        try (Running running = jvirt.start("migrate", NAME, "--to", "kvm2", "--keep-source", "--yes")) {
            while (running.isAlive() && dataBefore(stored()) < 0.6 * DATA_MIB * MIB) {
                Running.pause();
            }
            LabHost.lab("cut", "kvm2").ok();
            assertThat(running.await(LabHost.PATIENCE).exit()).as("%s", running).isEqualTo(5);
        }
        LabHost.lab("join", "kvm2").ok();
        LabHost.lab("slow", "kvm2", "off").ok();
        // And one piece of 16 MiB.
        assertThat(bytesOf("migrate", NAME, "--to", "kvm2", "--keep-source", "--yes"))
                .isLessThanOrEqualTo((long) (0.4 * DATA_MIB * MIB) + 16 * MIB);
        assertSame();
    }

    private void define() {
        HERE.sh("truncate -s " + VIRTUAL_GIB + "G " + DISK + "; for i in $(seq 0 " + (PLACES - 1)
                        + "); do dd if=/dev/urandom of=" + DISK + " bs=1M count=" + DATA_MIB / PLACES + " seek=$((i*"
                        + VIRTUAL_GIB + "*1024/" + PLACES
                        + ")) conv=notrunc status=none; done; virsh -q pool-refresh default")
                .ok();
        jvirt.run("create", NAME, "--import", DISK, "--no-start").ok();
    }

    /** Up to where the target has everything, as the journal says. */
    private static long stored() {
        String found = HERE.sh("grep -ho '\"sent\",\"value\":\"[0-9]*' /var/lib/jvirt/journal/migrate-*.jsonl"
                        + " | tail -1 | tr -dc 0-9 || true")
                .out()
                .strip();
        return found.isEmpty() ? 0 : Long.parseLong(found);
    }

    private static long dataBefore(long offset) {
        long place = VIRTUAL_GIB * 1024 * MIB / PLACES;
        long one = DATA_MIB / PLACES * MIB;
        return offset / place * one + Math.min(one, offset % place);
    }

    private long bytesOf(String... verb) {
        long before = received();
        jvirt.run(verb).ok();
        long bytes = received() - before;
        System.out.println(String.join(" ", verb) + ": " + bytes + " bytes there");
        return bytes;
    }

    private static long received() {
        return Long.parseLong(LabHost.lab("wire", "kvm2").ok().out().strip().split(" ")[0]);
    }

    private void assertSame() {
        String here = jvirt.run("disk", "digest", "-f", "raw", DISK).ok().out();
        assertThat(new Jvirt(THERE)
                        .run("disk", "digest", "-f", "raw", DISK)
                        .ok()
                        .out())
                .isEqualTo(here);
    }
}
