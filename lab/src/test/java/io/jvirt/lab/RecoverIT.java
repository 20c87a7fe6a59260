// SPDX-License-Identifier: Apache-2.0
package io.jvirt.lab;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * kill -9 and Ctrl-C of verbs that change things: at syncs of the journal (strace holds the process up as it enters one), and at
 * random moments. Then the host is as before, or {@code jvirt recover} makes it so, or finishes.
 */
class RecoverIT extends OnKvm1 {
    /** Each sync in the long form, {@code ./test verb-kill}. */
    private static final int STRIDE = Integer.getInteger("jvirt.kill.stride", 8);

    private static final int RANDOM_KILLS = Integer.getInteger("jvirt.kills", 5);

    private static final String[] CREATE = {"create", "--name", "lab-kill", "--disk", "64M", "--disk", "64M,format=raw"
    };
    private static final String[] DELETE = {"delete", "lab-kill", "--yes", "--purge"};

    @ParameterizedTest
    @ValueSource(strings = {"--rollback", "--resume"})
    void createKilledAtSyncs(String way) {
        for (int n = 1; ; n += STRIDE) {
            if (Killed.atSync(HOST, n, CREATE).exit() == 0) {
                assertThat(n).as("create synced nothing").isGreaterThan(1);
                delete("lab-kill");
                return;
            }
            boolean wasUnfinished = recover(way, "create killed at sync " + n);
            if (wasUnfinished && way.equals("--rollback")) {
                assertNothing("create killed at sync " + n);
            } else {
                assertNothingOrWhole("create killed at sync " + n);
            }
        }
    }

    @Test
    void deleteKilledAtSyncs() {
        for (int n = 1; ; n += STRIDE) {
            jvirt.run(CREATE).ok();
            if (Killed.atSync(HOST, n, DELETE).exit() == 0) {
                assertThat(n).as("delete synced nothing").isGreaterThan(1);
                assertNothing("delete");
                return;
            }
            recover("--resume", "delete killed at sync " + n);
            assertNothingOrWhole("delete killed at sync " + n);
        }
    }

    @Test
    void killedAtRandomMoments() {
        long seed = System.nanoTime();
        System.out.println("seed " + seed);
        Random random = new Random(seed);
        for (int i = 0; i < RANDOM_KILLS; i++) {
            String when = "create " + signalledAfter("KILL", random.nextInt(1500), CREATE);
            recover("--rollback", when);
            // It may have ended before the signal came.
            assertNothingOrWhole(when);

            jvirt.run(CREATE).ok();
            when = "delete " + signalledAfter("KILL", random.nextInt(1500), DELETE);
            recover("--resume", when);
            assertNothingOrWhole(when);
        }
    }

    @Test
    void interruptedAtRandomMomentsItCleansByItself() {
        long seed = System.nanoTime();
        System.out.println("seed " + seed);
        Random random = new Random(seed);
        for (int i = 0; i < RANDOM_KILLS; i++) {
            String when = "create " + signalledAfter("INT", 200 + random.nextInt(1300), CREATE);
            assertThat(journal()).as(when).isEmpty();
            assertNothingOrWhole(when);
        }
    }

    private static String signalledAfter(String signal, int milliseconds, String... verb) {
        try (Running running = HOST.start(Jvirt.command(verb))) {
            long deadline = System.nanoTime() + Duration.ofMillis(milliseconds).toNanos();
            while (running.isAlive() && System.nanoTime() < deadline) {
                Running.pause();
            }
            running.signal(signal);
            Outcome outcome = running.await(LabHost.PATIENCE);
            return signal + " after " + milliseconds + " ms: " + outcome;
        }
    }

    private static List<String> journal() {
        return HOST.sh("find /var/lib/jvirt -type f -size +0 ! -name '*lock' 2>/dev/null || true")
                .ok()
                .lines();
    }

    /** Recovers what the journal has; returns whether it had something. */
    private boolean recover(String way, String when) {
        if (journal().isEmpty()) {
            return false;
        }
        Outcome shown = jvirt.run("recover");
        if (journal().isEmpty()) {
            // All was done but to take the entry away, and looking did that.
            return false;
        }
        assertThat(shown.out() + shown.err()).as(when).contains("lab-kill");
        Outcome outcome = jvirt.run("recover", way, "--yes");
        assertThat(outcome.exit()).as("%s\n%s", when, outcome).isZero();
        assertThat(journal()).as(when).isEmpty();
        return true;
    }

    private void assertNothing(String when) {
        assertThat(sandbox.leftBehind()).as(when).isEmpty();
    }

    /** Either the host is as before, or the domain is there with both disks sound; it is deleted then. */
    private void assertNothingOrWhole(String when) {
        if (!virsh.domains().contains("lab-kill")) {
            assertNothing(when);
            return;
        }
        assertThat(virsh.disks("lab-kill")).as(when).hasSize(2);
        qemuImg.assertSound(virsh.disks("lab-kill").get(0), "qcow2", 64L << 20);
        qemuImg.assertSound(virsh.disks("lab-kill").get(1), "raw", 64L << 20);
        jvirt.run(DELETE).ok();
        assertNothing(when);
    }
}
