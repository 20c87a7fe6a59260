// SPDX-License-Identifier: Apache-2.0
package io.jvirt.lab;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/**
 * Moves of a running guest that are cut off: at syncs of the journal, as it stops here, and when it has just gone on there.
 * Afterwards it runs on one host alone, with all that it wrote.
 */
class LiveCutIT extends OnBothHosts {
    private static final String NAME = "lab-lively";
    private static final BusyGuest GUEST = new BusyGuest(NAME);
    private static final String[] LIVE = {
        "migrate", NAME, "--to", "kvm2", "--live", "--max-downtime", "2s", "--bandwidth", "12M", "--yes"
    };
    private static final int STRIDE = Integer.getInteger("jvirt.migrate.kills", 0) > 0 ? 1 : 18;

    /** More syncs than a move has. */
    private static final int MOST_SYNCS = 80;

    /** So long the target's libvirt takes for each of its syncs: between the guest's start there and its answer is at least one. */
    private static final long HOLD_MICROS = 1_000_000;

    @AfterEach
    void remove() {
        for (LabHost host : List.of(HERE, THERE)) {
            host.startLibvirtd();
            GUEST.remove(host);
        }
    }

    @Test
    void killedAtSyncsOfTheJournal() {
        String[] ways = {"--rollback", "again", "--resume"};
        for (int n = 2; ; n += STRIDE) {
            assertThat(n).isLessThan(MOST_SYNCS);
            String when = "killed at sync " + n;
            GUEST.start(HERE, "128M");
            long written = GUEST.last(HERE);
            boolean isWhole = Killed.atSync(HERE, n, LIVE).exit() == 0;
            if (!isWhole) {
                recover(ways[n / STRIDE % ways.length], when);
            }
            LabHost owner = assertOne(when, written);
            System.out.println(when + ": runs on " + owner.name());
            if (isWhole) {
                assertThat(n).as("killed at some syncs").isGreaterThan(2 + STRIDE);
                assertThat(owner).isEqualTo(THERE);
                return;
            }
            remove();
        }
    }

    /** libvirt has stopped it here, and nobody has told the target to go on. */
    @Test
    void killedAsItStopsHere() {
        GUEST.start(HERE, "128M");
        long written = GUEST.last(HERE);
        try (Running events = events(HERE);
                Running move = jvirt.start(LIVE)) {
            events.expect("Suspended", LabHost.PATIENCE);
            move.signal("KILL");
            move.await(LabHost.PATIENCE);
        }
        recover("--rollback", "stopped here");
        assertOne("stopped here", written);
    }

    /** The guest has gone on there; the answer has not come, and jvirt dies. Stopped there since, it is there all the same. */
    @Test
    void killedWhenItHasJustGoneOnThere() {
        GUEST.start(HERE, "128M");
        long before = GUEST.last(HERE);
        try (Running move = jvirt.start(LIVE);
                Running held = heldUp(move);
                Running events = events(THERE)) {
            events.expect("Resumed", LabHost.PATIENCE);
            move.signal("KILL");
            assertThat(move.await(LabHost.PATIENCE).exit()).as("%s", move).isEqualTo(137);
            held.signalProgram("INT");
            held.await(LabHost.PATIENCE);
        }
        assertThat(here.domains()).as("the source was not told").contains(NAME);
        String[] back = {"recover", "--rollback", "--yes"};
        jvirt.run(back).failsWith(4, "has gone on on the target already", "--resume");
        long written = GUEST.last(THERE);
        assertThat(written).isGreaterThanOrEqualTo(before);
        there.run("destroy", NAME).ok();
        jvirt.run(back).failsWith(4, "has gone on on the target already", "--resume");
        recover("--resume", "stopped there");
        assertThat(here.domains()).doesNotContain(NAME);
        assertThat(GUEST.last(THERE)).isGreaterThanOrEqualTo(written);
        assertThat(there.disks(NAME)).containsExactly(GUEST.system(), GUEST.data());
        THERE.exec("qemu-img", "check", GUEST.system()).ok();
    }

    /** The same moment; it is the source's libvirt that dies. */
    @Test
    void theSourcesLibvirtDiesWhenItHasJustGoneOnThere() {
        GUEST.start(HERE, "128M");
        long written = GUEST.last(HERE);
        try (Running move = jvirt.start(LIVE);
                Running held = heldUp(move);
                Running events = events(THERE)) {
            events.expect("Resumed", LabHost.PATIENCE);
            HERE.sh("kill -KILL $(cat /run/libvirtd.pid)").ok();
            Outcome outcome = move.await(LabHost.PATIENCE);
            assertThat(outcome.exit()).as("%s", outcome).isEqualTo(5);
            assertThat(outcome.err())
                    .contains("on which host it runs is not known yet")
                    .contains("run the command again");
            held.signalProgram("INT");
            held.await(LabHost.PATIENCE);
        }
        HERE.startLibvirtd();
        assertThat(new Virsh(HERE).domains()).as("the source was not told").contains(NAME);
        recover("again", "source's libvirt died");
        assertThat(assertOne("source's libvirt died", written)).isEqualTo(THERE);
    }

    /** While memory travels: before, libvirt syncs too much to be held up each time. */
    private static Running heldUp(Running move) {
        while (!HERE.sh("virsh domjobinfo " + NAME).ok().out().contains("Memory processed")) {
            assertThat(move.isAlive()).as("%s", move).isTrue();
            Running.pause();
        }
        Running held = THERE.start(List.of(
                "sh",
                "-ec",
                "exec strace -f -qq -o /dev/null -e trace=fsync,fdatasync -e inject=fsync,fdatasync:delay_enter="
                        + HOLD_MICROS + " -p $(cat /run/libvirtd.pid)"));
        while (THERE.sh("grep -q '^TracerPid:.[1-9]' /proc/$(cat /run/libvirtd.pid)/status")
                        .exit()
                != 0) {
            assertThat(held.isAlive()).as("%s", held).isTrue();
            Running.pause();
        }
        return held;
    }

    private static Running events(LabHost host) {
        Running events = host.start(List.of("stdbuf", "-oL", "virsh", "event", "--event", "lifecycle", "--loop"));
        Running.pause();
        return events;
    }

    private void recover(String way, String when) {
        if (!HERE.sh("ls /var/lib/jvirt/journal 2>/dev/null || true").ok().out().contains("migrate-")) {
            return;
        }
        Outcome outcome = way.equals("again") ? jvirt.run(LIVE) : jvirt.run("recover", way, "--yes");
        if (outcome.exit() == 4 && way.equals("--rollback")) {
            outcome = jvirt.run("recover", "--resume", "--yes");
        }
        assertThat(outcome.exit()).as("%s %s\n%s", when, way, outcome).isZero();
    }

    /** It runs on one host and is unknown to the other, which has nothing of it. */
    private LabHost assertOne(String when, long written) {
        LabHost owner = new Virsh(HERE).domains().contains(NAME) ? HERE : THERE;
        LabHost other = owner.equals(HERE) ? THERE : HERE;
        Virsh virsh = new Virsh(owner);
        assertThat(virsh.state(NAME)).as(when).isEqualTo("running");
        assertThat(new Virsh(other).domains()).as(when).doesNotContain(NAME);
        assertThat(BusyGuest.files(other)).as(when).isEmpty();
        assertThat(virsh.disks(NAME)).as(when).containsExactly(GUEST.system(), GUEST.data());
        try (Running console = new Jvirt(owner).console(NAME)) {
            console.send("\necho alive $((6*7))\n");
            console.expect("alive 42", OnKvm1.BOOT);
        }
        assertThat(GUEST.last(owner)).as(when).isGreaterThanOrEqualTo(written);
        virsh.run("destroy", NAME).ok();
        owner.exec("qemu-img", "check", GUEST.system()).ok();
        return owner;
    }
}
