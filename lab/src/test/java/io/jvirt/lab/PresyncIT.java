// SPDX-License-Identifier: Apache-2.0
package io.jvirt.lab;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/**
 * A guest that writes all the time moves to the other host while it runs, and is cut off on the way. Nothing of what it wrote
 * is lost.
 */
class PresyncIT extends OnBothHosts {
    private static final String NAME = "lab-busy";
    private static final BusyGuest GUEST = new BusyGuest(NAME);
    private static final String[] PRESYNC = {"migrate", NAME, "--to", "kvm2", "--presync", "--timeout", "100s", "--yes"
    };
    private static final int NEEDS_RECOVERY = 5;
    private static final Pattern LOST = Pattern.compile("the connection broke|libvirt was lost");
    private static final int LONG_FORM = Integer.getInteger("jvirt.migrate.kills", 0);

    @AfterEach
    void remove() {
        LabHost.lab("slow", "kvm2", "off");
        for (LabHost host : List.of(HERE, THERE)) {
            GUEST.remove(host);
        }
    }

    @Test
    void nothingThatItWroteIsLost() {
        GUEST.start(HERE, "1G");
        long written = GUEST.last(HERE);
        // While it is copied: undone, it runs on.
        assertThat(killedAtSync(12).exit()).isNotZero();
        jvirt.run("recover", "--rollback", "--yes").ok();
        assertRunsHere("rolled back");
        assertThat(GUEST.last(HERE)).isGreaterThanOrEqualTo(written);
        // When it has been shut down: the same command ends it.
        assertThat(killedAtSync(26).exit()).isNotZero();
        jvirt.run(PRESYNC).ok();
        assertMoved("again");
        assertThat(GUEST.last(THERE)).isGreaterThan(written);
        backWithoutBeingStopped();
    }

    /** Its memory and disks follow it; first attempts are stopped and killed, and leave nothing. */
    private void backWithoutBeingStopped() {
        String[] live = {"migrate", NAME, "--to", "kvm1", "--live", "--max-downtime", "2s", "--yes"};
        String id = there.run("domid", NAME).ok().out();
        long written = GUEST.last(THERE);
        for (String signal : List.of("INT", "KILL")) {
            LabHost.lab("slow", "kvm2", "10mbit").ok();
            Outcome stopped;
            try (Running running = jvirtThere.start(live)) {
                while (running.isAlive()
                        && !THERE.sh("virsh domjobinfo " + NAME).ok().out().contains("Data processed")) {
                    Running.pause();
                }
                running.signal(signal);
                stopped = running.await(LabHost.PATIENCE);
                assertThat(stopped.exit()).as("%s", stopped).isNotZero();
            } finally {
                LabHost.lab("slow", "kvm2", "off").ok();
            }
            // A link that is full of a guest's memory may break the connection beside it: then it is left to recover.
            boolean isLost = stopped.exit() == NEEDS_RECOVERY
                    && LOST.matcher(stopped.err()).find();
            if (signal.equals("KILL") || isLost) {
                System.out.println(stopped);
                jvirtThere.run("recover", "--rollback", "--yes").ok();
            }
            String when = signal + " " + stopped;
            assertThat(there.run("domid", NAME).ok().out()).as(when).isEqualTo(id);
            assertThat(there.state(NAME)).as(when).isEqualTo("running");
            assertThat(here.domains()).as(when).doesNotContain(NAME);
            assertThat(BusyGuest.files(HERE)).as(when).isEmpty();
        }
        jvirtThere.run(live).ok();
        assertThat(there.domains()).doesNotContain(NAME);
        assertThat(BusyGuest.files(THERE)).isEmpty();
        assertThat(here.state(NAME)).isEqualTo("running");
        try (Running console = jvirt.console(NAME)) {
            console.send("\necho alive $((6*7))\n");
            console.expect("alive 42", OnKvm1.BOOT);
        }
        jvirt.run("stop", NAME).ok();
        assertThat(GUEST.last(HERE)).isEqualTo(written);
        HERE.exec("qemu-img", "check", GUEST.system()).ok();
    }

    /** Only in the long form: at every third sync. */
    @Test
    void killedAtSyncsOfTheJournal() {
        String[] ways = {"again", "--resume", "--rollback"};
        for (int n = 2; LONG_FORM > 0 && n < 90; n += 3) {
            String when = "killed at sync " + n;
            GUEST.start(HERE, "1G");
            long written = GUEST.last(HERE);
            if (killedAtSync(n).exit() == 0) {
                assertMoved(when);
                return;
            }
            String way = ways[n / 3 % ways.length];
            if (!HERE.sh("ls /var/lib/jvirt/journal").ok().out().contains("migrate-")) {
                way = "nothing";
            } else {
                Outcome outcome = way.equals("again") ? jvirt.run(PRESYNC) : jvirt.run("recover", way, "--yes");
                if (outcome.exit() == 4 && way.equals("--rollback")) {
                    outcome = jvirt.run("recover", "--resume", "--yes");
                }
                assertThat(outcome.exit()).as("%s %s\n%s", when, way, outcome).isZero();
            }
            if (here.domains().contains(NAME)) {
                assertRunsHere(when + " " + way);
                assertThat(GUEST.last(HERE)).as(when).isGreaterThanOrEqualTo(written);
            } else {
                assertMoved(when + " " + way);
                assertThat(GUEST.last(THERE)).as(when).isGreaterThanOrEqualTo(written);
            }
            System.out.println(when + " " + way + ": kept");
            remove();
        }
    }

    private static Outcome killedAtSync(int n) {
        return Killed.atSync(HERE, n, PRESYNC);
    }

    private void assertRunsHere(String when) {
        assertThat(here.state(NAME)).as(when).isEqualTo("running");
        assertThat(there.domains()).as(when).doesNotContain(NAME);
        assertThat(here.disks(NAME)).as(when).containsExactly(GUEST.system(), GUEST.data());
        assertThat(BusyGuest.files(HERE)).as(when).containsExactlyInAnyOrder(NAME + ".qcow2", NAME + "-2.raw");
        assertThat(BusyGuest.files(THERE)).as(when).isEmpty();
    }

    private void assertMoved(String when) {
        assertThat(here.domains()).as(when).doesNotContain(NAME);
        assertThat(there.state(NAME)).as(when).isEqualTo("running");
        assertThat(there.disks(NAME)).as(when).containsExactly(GUEST.system(), GUEST.data());
        assertThat(BusyGuest.files(HERE)).as(when).isEmpty();
    }
}
