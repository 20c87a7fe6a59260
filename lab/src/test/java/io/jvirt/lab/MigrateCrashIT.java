// SPDX-License-Identifier: Apache-2.0
package io.jvirt.lab;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/**
 * Migrations that are cut off: kill -9 at the journal's syncs and at random moments, the target's daemons killed, the link
 * taken down, a byte flipped. Afterwards one host has the machine and can start it, with the disk as it was, and nothing is
 * left on the other. {@code -Djvirt.migrate.kills=N} for the long form.
 */
class MigrateCrashIT {
    private static final LabHost HERE = LabHost.KVM1;
    private static final LabHost THERE = LabHost.KVM2;
    private static final String NAME = "lab-move";
    private static final String DISK = OnKvm1.POOL + "lab-move.raw";
    private static final String LOCK = "jvirt-is-moving-this-machine";
    private static final String[] MIGRATE = {"migrate", NAME, "--to", "kvm2", "--yes"};
    private static final String[] THROUGH_LIBVIRT = {"migrate", NAME, "--to", "kvm2", "--transport", "libvirt", "--yes"
    };
    private static final int LONG_FORM = Integer.getInteger("jvirt.migrate.kills", 0);

    /** More syncs than a migration has. */
    private static final int MOST_SYNCS = 80;

    private final Jvirt jvirt = new Jvirt(HERE);
    private final Virsh here = new Virsh(HERE);
    private final Virsh there = new Virsh(THERE);

    @RegisterExtension
    final Sandbox sandbox = new Sandbox(HERE, THERE);

    private String digest = "";
    private String xml = "";

    @BeforeEach
    void define() {
        HERE.sh("truncate -s 96M " + DISK + "; dd if=/dev/urandom of=" + DISK
                        + " bs=1M count=40 seek=10 conv=notrunc status=none; virsh -q pool-refresh default")
                .ok();
        jvirt.run("create", NAME, "--import", DISK, "--no-start").ok();
        // libvirt puts devices of a definition that it made itself in another order when it reads them again.
        HERE.sh("cp --sparse=always " + DISK + " /tmp/lab-move.raw; virsh dumpxml --inactive " + NAME
                        + " >/tmp/lab-move.xml; virsh -q define /tmp/lab-move.xml")
                .ok();
        digest = sum(HERE);
        xml = here.xml(NAME);
    }

    @AfterEach
    void remove() {
        LabHost.lab("join", "kvm2");
        LabHost.lab("slow", "kvm2", "off");
        for (LabHost host : List.of(HERE, THERE)) {
            host.sh(
                            "virsh -q undefine " + NAME + " 2>/dev/null || true; rm -rf " + DISK
                                    + " /tmp/lab-move.* /var/lib/libvirt/.jvirt-trash /var/lib/jvirt/trash; virsh -q pool-refresh default")
                    .ok();
        }
    }

    @Test
    void killedAtSyncsOfTheJournal() {
        String[] ways = {"again", "--resume", "--rollback"};
        int step = LONG_FORM > 0 ? 1 : 6;
        for (int n = 2; ; n += step) {
            assertThat(n).isLessThan(MOST_SYNCS);
            if (Killed.atSync(HERE, n, MIGRATE).exit() == 0) {
                assertOne("not killed", THERE);
                return;
            }
            recover(ways[n / step % ways.length], "killed at sync " + n);
            backHome();
        }
    }

    @Test
    void killedAtRandomMoments() {
        long seed = System.nanoTime();
        System.out.println("seed " + seed);
        Random random = new Random(seed);
        String[] victims = {"jvirt", "libvirtd", "sshd", "link"};
        LabHost.lab("slow", "kvm2", "200mbit").ok();
        for (int i = 0; i < LONG_FORM; i++) {
            String victim = victims[i % victims.length];
            String when = victim + " after " + (500 + random.nextInt(5000)) + " ms";
            try (Running running = jvirt.start(i % 3 == 2 ? THROUGH_LIBVIRT : MIGRATE)) {
                long deadline = System.nanoTime()
                        + Duration.ofMillis(Long.parseLong(when.split(" ")[2])).toNanos();
                while (running.isAlive() && System.nanoTime() < deadline) {
                    Running.pause();
                }
                hit(victim, running);
                when += "\n" + running.await(LabHost.PATIENCE);
            }
            System.out.println(i + " " + when.lines().findFirst().orElse(""));
            heal();
            recover(random.nextBoolean() ? "again" : "--rollback", when);
            backHome();
        }
    }

    private static void hit(String victim, Running running) {
        switch (victim) {
            case "jvirt" -> running.signal("KILL");
            case "libvirtd" -> THERE.sh("kill -KILL $(cat /run/libvirtd.pid)");
            case "sshd" -> THERE.sh("kill -KILL $(pgrep -P $(cat /run/sshd.pid)) 2>/dev/null || true");
            default -> LabHost.lab("cut", "kvm2").ok();
        }
    }

    private static void heal() {
        LabHost.lab("join", "kvm2").ok();
        THERE.sh("virsh -q list >/dev/null 2>&1 || { libvirtd -d; sleep 3; virsh -q list; }")
                .ok();
    }

    /** What was sent before the link broke is not sent again. */
    @Test
    void aBrokenLinkCostsOnePieceAtMost() {
        LabHost.lab("slow", "kvm2", "60mbit").ok();
        try (Running running = jvirt.start(MIGRATE)) {
            // Of 40 MiB that begin at 10 MiB more than 60 % are there.
            awaitJournal(running, "\"sent\",\"value\":\"(3[6-9]|4[0-9])[0-9]{6}");
            LabHost.lab("cut", "kvm2").ok();
            Outcome broken = running.await(LabHost.PATIENCE);
            assertThat(broken.exit()).as("%s", broken).isEqualTo(5);
            assertThat(broken.err()).contains("the connection broke").contains("run the command again");
        }
        LabHost.lab("join", "kvm2").ok();
        LabHost.lab("slow", "kvm2", "off").ok();
        assertThat(here.xml(NAME)).isEqualTo(xml);
        assertThat(jvirt.run("recover").ok().out()).contains("migrate " + NAME).contains("send " + DISK);
        long before = received();
        Outcome again = jvirt.run(MIGRATE).ok();
        assertThat(again.err()).contains("goes on with the migration of '" + NAME + "'");
        // The rest, and the piece that was under way.
        assertThat(received() - before).isLessThan((16 + 16 + 2) << 20);
        assertOne("resumed", THERE);
    }

    @Test
    void aFlippedByteOnTheTargetStopsItAndTheSourceStays() {
        LabHost.lab("slow", "kvm2", "60mbit").ok();
        try (Running running = jvirt.start(THROUGH_LIBVIRT)) {
            // The second step is the one that reads back; over ssh it would be over at once.
            awaitJournal(running, "\"intent\",\"step\":1|\"step\":1,");
            running.signal("KILL");
            running.await(LabHost.PATIENCE);
        }
        LabHost.lab("slow", "kvm2", "off").ok();
        THERE.sh("printf x | dd of=" + DISK + " bs=1 seek=$((30*1024*1024+5)) conv=notrunc status=none")
                .ok();
        jvirt.run(MIGRATE)
                .failsWith(1, "is not equal to " + DISK + ": the first difference is at offset 31457285", "smartctl");
        assertOne("flipped", HERE);
        assertThat(here.xml(NAME)).isEqualTo(xml);
    }

    private static void awaitJournal(Running running, String pattern) {
        while (running.isAlive()
                && HERE.sh("grep -qE '" + pattern + "' /var/lib/jvirt/journal/migrate-*.jsonl")
                                .exit()
                        != 0) {
            Running.pause();
        }
        assertThat(running.isAlive()).as("%s", running).isTrue();
    }

    private static long received() {
        return Long.parseLong(LabHost.lab("wire", "kvm2").ok().out().strip().split(" ")[0]);
    }

    private void recover(String way, String when) {
        // At no moment both could start it.
        assertThat(startable(HERE) && startable(THERE)).as(when).isFalse();
        if (!journal().isEmpty()) {
            Outcome shown = jvirt.run("recover");
            if (!journal().isEmpty()) {
                assertThat(shown.out()).as(when).contains(NAME);
                Outcome outcome = way.equals("again") ? jvirt.run(MIGRATE) : jvirt.run("recover", way, "--yes");
                // Past the point of no return a rollback is refused, and says so.
                if (outcome.exit() == 4 && way.equals("--rollback")) {
                    assertThat(outcome.err()).as(when).contains("cannot be undone any more");
                    outcome = jvirt.run("recover", "--resume", "--yes");
                }
                assertThat(outcome.exit()).as("%s\n%s", when, outcome).isZero();
            }
        }
        assertThat(journal()).as(when).isEmpty();
        assertOne(when, startable(HERE) ? HERE : THERE);
    }

    /** The machine is on that host and on no other, whole. */
    private void assertOne(String when, LabHost host) {
        LabHost other = host.equals(HERE) ? THERE : HERE;
        assertThat(startable(host)).as(when).isTrue();
        assertThat(new Virsh(other).domains()).as(when).doesNotContain(NAME);
        assertThat(new Virsh(host).xml(NAME)).as(when).isEqualTo(xml);
        assertThat(sum(host)).as(when).isEqualTo(digest);
        if (host.equals(HERE)) {
            assertThat(THERE.exec("test", "-e", DISK).exit()).as(when).isNotZero();
        }
        assertThat(there.run("pool-list", "--all", "--name").ok().lines())
                .as(when)
                .containsExactly("default");
    }

    private static boolean startable(LabHost host) {
        Virsh virsh = new Virsh(host);
        return virsh.domains().contains(NAME) && !virsh.xml(NAME).contains(LOCK);
    }

    /** Makes everything as it was at first, by other means than jvirt's. */
    private void backHome() {
        if (!here.domains().contains(NAME)) {
            assertThat(HERE.exec("test", "-e", DISK).exit()).isNotZero();
            HERE.sh("rm -rf /var/lib/libvirt/.jvirt-trash /var/lib/jvirt/trash; cp --sparse=always /tmp/lab-move.raw "
                            + DISK + "; virsh -q define /tmp/lab-move.xml")
                    .ok();
            there.run("undefine", NAME).ok();
            THERE.sh("rm " + DISK + "; virsh -q pool-refresh default").ok();
        }
    }

    private static List<String> journal() {
        return HERE.sh("find /var/lib/jvirt/journal -type f -size +0 ! -name '*lock' 2>/dev/null || true")
                .ok()
                .lines();
    }

    private static String sum(LabHost host) {
        return host.sh("sha256sum <" + DISK).ok().out();
    }
}
