// SPDX-License-Identifier: Apache-2.0
package io.jvirt.lab;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/**
 * Machines that move with their saved memory: the guest goes on in the middle of its work. Cut off at syncs of the journal, one
 * host can start the machine, from memory that fits its disks.
 */
class SavedMoveIT extends OnBothHosts {
    private static final String NAME = "lab-asleep";
    private static final String SAVES = "/var/lib/libvirt/qemu/save/";
    private static final String SAVE = SAVES + NAME + ".save";
    private static final String DISK = OnKvm1.POOL + NAME + ".raw";
    private static final String KEPT = "/var/log/libvirt/" + NAME;
    private static final String LOCK = "jvirt-is-moving-this-machine";
    private static final String[] MIGRATE = {"migrate", NAME, "--to", "kvm2", "--managed-save", "--yes"};
    private static final int STRIDE = Integer.getInteger("jvirt.migrate.kills", 0) > 0 ? 1 : 20;

    /** More syncs than a migration has. */
    private static final int MOST_SYNCS = 120;

    @AfterEach
    void remove() {
        for (LabHost host : List.of(HERE, THERE)) {
            host.sh("for d in $(virsh -q list --all --name | grep '^lab-a' || true); do"
                            + " virsh -q destroy $d 2>/dev/null || true; virsh -q undefine --managed-save $d; done; rm -rf "
                            + OnKvm1.POOL + "lab-a* " + KEPT + ".* " + SAVES
                            + ".jvirt-trash /var/lib/libvirt/.jvirt-trash /var/lib/jvirt/trash;"
                            + " virsh -q pool-refresh default")
                    .ok();
        }
    }

    @Test
    void theGuestGoesOnWhereItWas() {
        jvirt.run("create", NAME, "--image", OnKvm1.TINY_DISK, "--disk", "1G", "--memory", "256M", "--start")
                .ok();
        talk(jvirt, NAME, "x=$((6*7)); echo known $x", "known 42");
        jvirt.run("save", NAME).ok();
        jvirt.run("migrate", NAME, "--to", "kvm2", "--yes")
                .failsWith(4, "has saved memory: its disks are in the middle of its work", "--managed-save");

        Outcome moved = jvirt.run(MIGRATE).ok();
        assertThat(moved.out()).contains(SAVE + " is verified").doesNotContain("without its saved memory");
        assertThat(here.domains()).doesNotContain(NAME);
        assertThat(HERE.exec("test", "-e", SAVE).exit()).isNotZero();
        // As a power cut leaves it that takes away what was not synced.
        THERE.sh("printf '\\002\\000VJ' | dd of=" + SAVE + " bs=1 seek=16 conv=notrunc status=none")
                .ok();
        assertThat(there.run("start", NAME).exit()).isNotZero();
        jvirt.run("-c", "qemu+ssh://root@kvm2/system", "start", NAME)
                .failsWith(1, "image version is not supported", "jvirt start " + NAME + ", on its host itself");
        jvirtThere.run("start", NAME).ok();
        talk(jvirtThere, NAME, "echo still $x", "still 42");

        // Back, with libvirt's streams alone, under another name, into another directory.
        jvirtThere.run("save", NAME).ok();
        HERE.sh("mkdir " + OnKvm1.ELSEWHERE + "lab-a").ok();
        jvirtThere
                .run(
                        "migrate",
                        NAME,
                        "--to",
                        "kvm1",
                        "--managed-save",
                        "--transport",
                        "libvirt",
                        "--rename",
                        "lab-awake",
                        "--pool-map",
                        "default=" + OnKvm1.ELSEWHERE + "lab-a",
                        "--start",
                        "--yes")
                .ok();
        assertThat(here.state("lab-awake")).isEqualTo("running");
        assertThat(here.disks("lab-awake")).allMatch(disk -> disk.startsWith(OnKvm1.ELSEWHERE + "lab-a/"));
        talk(jvirt, "lab-awake", "echo again $x", "again 42");
        jvirt.run("delete", "lab-awake", "--force", "--purge", "--yes").ok();
        HERE.sh("rmdir " + OnKvm1.ELSEWHERE + "lab-a").ok();

        // What stayed is whole: undeleted, it goes on from there too.
        jvirtThere.run("undelete", NAME).ok();
        there.run("start", NAME).ok();
        assertThat(THERE.exec("test", "-e", SAVE).exit()).isNotZero();
        talk(jvirtThere, NAME, "echo old $x", "old 42");
    }

    @Test
    void killedAtSyncsOfTheJournal() {
        define();
        String[] ways = {"again", "--resume", "--rollback"};
        for (int n = 2; ; n += STRIDE) {
            assertThat(n).isLessThan(MOST_SYNCS);
            String when = "killed at sync " + n;
            boolean isWhole = Killed.atSync(HERE, n, MIGRATE).exit() == 0;
            if (isWhole) {
                assertThat(n).as("killed at some syncs").isGreaterThan(2 + STRIDE);
                assertOne("not killed", THERE);
                return;
            }
            assertThat(startable(HERE) && startable(THERE)).as(when).isFalse();
            assertLocked(HERE, when);
            assertLocked(THERE, when);
            recover(ways[n / STRIDE % ways.length], when);
            LabHost owner = here.domains().contains(NAME) ? HERE : THERE;
            assertOne(when, owner);
            System.out.println(when + ": whole on " + owner.name());
            backHome();
        }
    }

    @Test
    void whatStandsAgainstIt() {
        define();
        THERE.sh("mkdir -p " + SAVES + "; echo other >" + SAVE).ok();
        here.run("detach-disk", NAME, "vda", "--config").ok();
        assertThat(plan())
                .contains("the target has saved memory under that name already: " + SAVE)
                .contains("the saved machine has the disk " + DISK + ", which its definition does not have any more");
        THERE.sh("rm " + SAVE).ok();
        // The name in the saved definition.
        HERE.sh("sed -i '0,/lab-asleep/s//lab-asleeq/' " + SAVE).ok();
        assertThat(plan()).contains(SAVE + " is of another machine: 'lab-asleeq', ");
        HERE.sh("echo nothing >" + SAVE).ok();
        assertThat(plan()).contains("the saved memory " + SAVE + " cannot be read: ");
        HERE.sh("head -c 200 /dev/zero >" + SAVE).ok();
        assertThat(plan()).contains(SAVE + " is no saved memory that jvirt knows: its first bytes");
    }

    private String plan() {
        Outcome plan = jvirt.run("migrate", NAME, "--to", "kvm2", "--managed-save", "--plan");
        assertThat(plan.exit()).as("%s", plan).isEqualTo(4);
        return plan.out();
    }

    private void define() {
        HERE.sh("truncate -s 64M " + DISK + "; dd if=/dev/urandom of=" + DISK
                        + " bs=1M count=8 conv=notrunc status=none; virsh -q pool-refresh default")
                .ok();
        jvirt.run("create", NAME, "--import", DISK, "--memory", "128M", "--no-start")
                .ok();
        here.run("start", NAME, "--paused").ok();
        here.run("managedsave", NAME).ok();
        HERE.sh("cp --sparse=always " + DISK + " " + KEPT + ".raw; cp --sparse=always " + SAVE + " " + KEPT
                        + ".save; virsh dumpxml --inactive " + NAME + " >" + KEPT + ".xml")
                .ok();
    }

    private void backHome() {
        there.run("undefine", NAME, "--managed-save");
        here.run("undefine", NAME, "--managed-save");
        THERE.sh("rm -f " + DISK + "; virsh -q pool-refresh default").ok();
        HERE.sh("rm -rf " + SAVES + ".jvirt-trash /var/lib/libvirt/.jvirt-trash /var/lib/jvirt/trash;"
                        + " cp --sparse=always " + KEPT + ".raw " + DISK + "; cp --sparse=always " + KEPT + ".save "
                        + SAVE
                        + "; virsh -q define " + KEPT + ".xml")
                .ok();
    }

    private void recover(String way, String when) {
        if (journal().isEmpty()) {
            return;
        }
        Outcome outcome = way.equals("again") ? jvirt.run(MIGRATE) : jvirt.run("recover", way, "--yes");
        if (outcome.exit() == 4 && way.equals("--rollback")) {
            assertThat(outcome.err()).as(when).contains("cannot be undone any more");
            outcome = jvirt.run("recover", "--resume", "--yes");
        }
        // Cut off before anything was done, and so recovered by a new one.
        assertThat(outcome.exit()).as("%s %s\n%s", when, way, outcome).isZero();
        assertThat(outcome.toString()).as(when).doesNotContain("without its saved memory");
        assertThat(journal()).as(when).isEmpty();
    }

    private static List<String> journal() {
        return HERE.sh("find /var/lib/jvirt/journal -type f -size +0 ! -name '*lock' 2>/dev/null || true")
                .ok()
                .lines();
    }

    /** It is there and on no other host, and really goes on from the memory: libvirt removes the file only then. */
    private void assertOne(String when, LabHost host) {
        LabHost other = host.equals(HERE) ? THERE : HERE;
        assertThat(startable(host)).as(when).isTrue();
        assertThat(new Virsh(other).domains()).as(when).doesNotContain(NAME);
        assertThat(other.exec("test", "-e", SAVE).exit()).as(when).isNotZero();
        assertThat(sum(host))
                .as(when)
                .isEqualTo(HERE.sh("sha256sum <" + KEPT + ".raw").ok().out());
        assertThat(there.run("pool-list", "--all", "--name").ok().lines())
                .as(when)
                .containsExactly("default");
        Virsh virsh = new Virsh(host);
        virsh.run("start", NAME, "--paused").ok();
        assertThat(host.exec("test", "-e", SAVE).exit()).as(when).isNotZero();
        virsh.run("destroy", NAME).ok();
    }

    /** A machine that cannot start there is refused by libvirt itself, which leaves what it is to go on from. */
    private static void assertLocked(LabHost host, String when) {
        Virsh virsh = new Virsh(host);
        if (virsh.domains().contains(NAME) && !startable(host)) {
            boolean isSaved = host.exec("test", "-e", SAVE).exit() == 0;
            assertThat(virsh.run("start", NAME).exit()).as(when).isNotZero();
            assertThat(host.exec("test", "-e", SAVE).exit() == 0).as(when).isEqualTo(isSaved);
        }
    }

    /** Where there is saved memory, its lock counts, and not that of the definition. */
    private static boolean startable(LabHost host) {
        Virsh virsh = new Virsh(host);
        if (!virsh.domains().contains(NAME)) {
            return false;
        }
        return host.exec("test", "-e", SAVE).exit() == 0
                ? host.sh("od -An -tu4 -j16 -N4 " + SAVE).ok().out().strip().equals("2")
                : !virsh.xml(NAME).contains(LOCK);
    }

    private static String sum(LabHost host) {
        return host.sh("sha256sum <" + DISK).ok().out();
    }

    private static void talk(Jvirt jvirt, String domain, String command, String answer) {
        try (Running console = jvirt.console(domain)) {
            long deadline = System.nanoTime() + OnKvm1.BOOT.toNanos();
            while (!console.out().contains("tiny#") && console.isAlive() && System.nanoTime() < deadline) {
                console.send("\n");
                for (int i = 0; i < 10 && !console.out().contains("tiny#"); i++) {
                    Running.pause();
                }
            }
            console.send(command + "\n");
            console.expect(answer, OnKvm1.BOOT);
        }
    }
}
