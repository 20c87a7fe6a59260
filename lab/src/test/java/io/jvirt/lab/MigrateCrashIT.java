// SPDX-License-Identifier: Apache-2.0
package io.jvirt.lab;

import static io.jvirt.lab.MovingMachine.DISK;
import static io.jvirt.lab.MovingMachine.MIGRATE;
import static io.jvirt.lab.MovingMachine.NAME;
import static io.jvirt.lab.MovingMachine.THROUGH_LIBVIRT;
import static org.assertj.core.api.Assertions.assertThat;

import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/**
 * Migrations that are cut off: kill -9 at the journal's syncs and at random moments, the target's daemons killed, the link
 * taken down, a byte flipped. Afterwards one host has the machine and can start it, with the disk as it was, and nothing is
 * left on the other. {@code -Djvirt.migrate.kills=N} for the long form.
 */
class MigrateCrashIT extends OnBothHosts {
    private static final int LONG_FORM = Integer.getInteger("jvirt.migrate.kills", 0);
    private static final String[] VICTIMS = {"jvirt", "libvirtd", "sshd", "link"};

    /** So long jvirt waits at a sync, for the blow to fall meanwhile. */
    private static final long HOLD_MICROS = 4_000_000;

    /** More syncs than a migration has. */
    private static final int MOST_SYNCS = 80;

    private final MovingMachine machine = new MovingMachine();

    @BeforeEach
    void define() {
        machine.define();
    }

    @AfterEach
    void remove() {
        machine.remove();
    }

    @Test
    void killedAtSyncsOfTheJournal() {
        String[] ways = {"again", "--resume", "--rollback"};
        int step = LONG_FORM > 0 ? 1 : 14;
        for (int n = 2; ; n += step) {
            assertThat(n).isLessThan(MOST_SYNCS);
            if (Killed.atSync(HERE, n, MIGRATE).exit() == 0) {
                assertThat(n).as("killed at some syncs").isGreaterThan(2 + step);
                machine.assertOne("not killed", THERE);
                return;
            }
            machine.recover(ways[n / step % ways.length], "killed at sync " + n);
            machine.backHome();
        }
    }

    @Test
    void aRollbackThatWasCutOffIsEndedByTheNextMove() {
        assertThat(Killed.atSync(HERE, 14, MIGRATE).exit()).isNotZero();
        String[] rollback = {"recover", "--rollback", "--yes"};
        for (int n = 1; !MovingMachine.isRollbackCutOff(); n++) {
            assertThat(Killed.atSync(HERE, n, rollback).exit())
                    .as("killed, not done")
                    .isNotZero();
        }
        jvirt.run("migrate", NAME, "--to", "kvm2")
                .failsWith(4, "not confirmed: The rollback of the migration of '" + NAME + "'", "add --yes");
        assertThat(MovingMachine.isRollbackCutOff()).isTrue();
        Outcome again = jvirt.run(MIGRATE).ok();
        assertThat(again.err()).contains("ends the rollback of the migration of '" + NAME + "'");
        assertThat(MovingMachine.journal()).isEmpty();
        machine.assertOne("undone and moved", THERE);
    }

    /** jvirt stands still at a sync while the target's daemon, the way there, or the link goes. */
    @Test
    void theTargetGoesAtSyncsOfTheJournal() {
        int step = LONG_FORM > 0 ? 1 : 13;
        for (int n = 2; ; n += step) {
            assertThat(n).isLessThan(MOST_SYNCS);
            String victim = VICTIMS[1 + n / step % (VICTIMS.length - 1)];
            String when = victim + " at sync " + n;
            boolean[] isHit = {false};
            Outcome outcome = Killed.atSync(
                    HERE,
                    n,
                    HOLD_MICROS,
                    running -> {
                        MovingMachine.hit(victim, running);
                        isHit[0] = true;
                    },
                    n % 2 == 0 ? MIGRATE : THROUGH_LIBVIRT);
            when += "\n" + outcome;
            if (!isHit[0]) {
                assertThat(outcome.exit()).as(when).isZero();
                assertThat(n).as("stopped at some syncs").isGreaterThan(2 + step);
                machine.assertOne(when, THERE);
                return;
            }
            System.out.println(when.lines().findFirst().orElse(""));
            MovingMachine.heal();
            machine.recover(n % 3 == 0 ? "--rollback" : "again", when);
            machine.backHome();
        }
    }

    @Test
    void hitAtRandomMoments() {
        long seed = Long.getLong("jvirt.migrate.seed", System.nanoTime());
        System.out.println("seed " + seed);
        Random random = new Random(seed);
        LabHost.lab("slow", "kvm2", "200mbit").ok();
        int[] hits = new int[VICTIMS.length];
        for (int i = 0; i < LONG_FORM; i++) {
            String victim = VICTIMS[i % VICTIMS.length];
            int millis = 500 + random.nextInt(5000);
            String when = i + ": " + victim + " after " + millis + " ms";
            try (Running running = jvirt.start(i % 3 == 2 ? THROUGH_LIBVIRT : MIGRATE)) {
                if (running.isAliveAfter(millis)) {
                    hits[i % VICTIMS.length]++;
                    MovingMachine.hit(victim, running);
                }
                when += "\n" + running.await(LabHost.PATIENCE);
            }
            System.out.println(when.lines().findFirst().orElse("") + ", hits " + java.util.Arrays.toString(hits));
            MovingMachine.heal();
            if (i % 5 == 4 && !MovingMachine.journal().isEmpty()) {
                // Not even what mends it may be kept from mending.
                try (Running second =
                        jvirt.start("recover", random.nextBoolean() ? "--resume" : "--rollback", "--yes")) {
                    second.isAliveAfter(300 + random.nextInt(3000));
                    second.signal("KILL");
                    second.await(LabHost.PATIENCE);
                }
            }
            machine.recover(random.nextBoolean() ? "again" : "--rollback", when);
            machine.backHome();
        }
    }

    /** What was sent before the link broke is not sent again. */
    @Test
    void aBrokenLinkCostsOnePieceAtMost() {
        LabHost.lab("slow", "kvm2", "30mbit").ok();
        try (Running running = jvirt.start(MIGRATE)) {
            // Of 40 MiB that begin at 10 MiB more than 60 % are there.
            MovingMachine.awaitJournal(running, "\"sent\",\"value\":\"(3[6-9]|4[0-9])[0-9]{6}");
            LabHost.lab("cut", "kvm2").ok();
            Outcome broken = running.await(LabHost.PATIENCE);
            assertThat(broken.exit()).as("%s", broken).isEqualTo(5);
            assertThat(broken.err()).contains("the connection broke").contains("run the command again");
        }
        LabHost.lab("join", "kvm2").ok();
        LabHost.lab("slow", "kvm2", "off").ok();
        assertThat(here.xml(NAME)).isEqualTo(machine.xml());
        assertThat(jvirt.run("recover").ok().out()).contains("migrate " + NAME).contains("send " + DISK);
        long before = received();
        Outcome again = jvirt.run(MIGRATE).ok();
        assertThat(again.err()).contains("goes on with the migration of '" + NAME + "'");
        // The rest, and the piece that was under way.
        assertThat(received() - before).isLessThan((16 + 16 + 2) << 20);
        machine.assertOne("resumed", THERE);
    }

    @Test
    void aFlippedByteOnTheTargetStopsItAndTheSourceStays() {
        LabHost.lab("slow", "kvm2", "30mbit").ok();
        try (Running running = jvirt.start(THROUGH_LIBVIRT)) {
            // The second step is the one that reads back; over ssh it would be over at once.
            MovingMachine.awaitJournal(running, "\"intent\",\"step\":1|\"step\":1,");
            running.signal("KILL");
            running.await(LabHost.PATIENCE);
        }
        LabHost.lab("slow", "kvm2", "off").ok();
        THERE.sh("printf x | dd of=" + DISK + " bs=1 seek=$((30*1024*1024+5)) conv=notrunc status=none")
                .ok();
        jvirt.run(MIGRATE)
                .failsWith(1, "is not equal to " + DISK + ": the first difference is at offset 31457285", "smartctl");
        machine.assertOne("flipped", HERE);
        assertThat(here.xml(NAME)).isEqualTo(machine.xml());
    }

    private static long received() {
        return Long.parseLong(LabHost.lab("wire", "kvm2").ok().out().strip().split(" ")[0]);
    }
}
