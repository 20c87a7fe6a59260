// SPDX-License-Identifier: Apache-2.0
package io.jvirt.lab;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;

/** A machine that is off, with a disk of random data, on its way from the first host to the second. */
final class MovingMachine {
    static final LabHost HERE = LabHost.KVM1;
    static final LabHost THERE = LabHost.KVM2;
    static final String NAME = "lab-move";
    static final String DISK = OnKvm1.POOL + "lab-move.raw";
    static final String[] MIGRATE = {"migrate", NAME, "--to", "kvm2", "--yes"};
    static final String[] THROUGH_LIBVIRT = {"migrate", NAME, "--to", "kvm2", "--transport", "libvirt", "--yes"};

    private static final String LOCK = "jvirt-is-moving-this-machine";

    /** The host's own, as /tmp is not. */
    private static final String KEPT = "/var/log/libvirt/lab-move";

    private final Jvirt jvirt = new Jvirt(HERE);
    private final Virsh here = new Virsh(HERE);
    private final Virsh there = new Virsh(THERE);
    private String digest = "";
    private String xml = "";

    void define() {
        HERE.sh("truncate -s 96M " + DISK + "; dd if=/dev/urandom of=" + DISK
                        + " bs=1M count=40 seek=10 conv=notrunc status=none; virsh -q pool-refresh default")
                .ok();
        jvirt.run("create", NAME, "--import", DISK, "--no-start").ok();
        // libvirt puts devices of a definition that it made itself in another order when it reads them again.
        HERE.sh("cp --sparse=always " + DISK + " " + KEPT + ".raw; virsh dumpxml --inactive " + NAME + " >" + KEPT
                        + ".xml; virsh -q define " + KEPT + ".xml")
                .ok();
        digest = sum(HERE);
        xml = here.xml(NAME);
    }

    void remove() {
        heal();
        LabHost.lab("slow", "kvm2", "off");
        for (LabHost host : List.of(HERE, THERE)) {
            host.sh("virsh -q undefine " + NAME + " 2>/dev/null || true; rm -rf " + DISK + " " + KEPT
                            + ".* /var/lib/libvirt/.jvirt-trash /var/lib/jvirt/trash; virsh -q pool-refresh default")
                    .ok();
        }
    }

    /** What may break under a migration: itself, the target's daemons, the link. */
    static void hit(String victim, Running running) {
        switch (victim) {
            case "jvirt" -> running.signal("KILL");
            case "libvirtd" -> THERE.sh("kill -KILL $(cat /run/libvirtd.pid)").ok();
            case "sshd" ->
                THERE.sh("kill -KILL $(pgrep -P $(cat /run/sshd.pid)) $(cat /run/sshd.pid)")
                        .ok();
            default -> LabHost.lab("cut", "kvm2").ok();
        }
    }

    static void heal() {
        LabHost.lab("join", "kvm2").ok();
        THERE.sh("kill -0 $(cat /run/sshd.pid) 2>/dev/null || /usr/sbin/sshd").ok();
        THERE.startLibvirtd();
    }

    static void awaitJournal(Running running, String pattern) {
        while (running.isAlive()
                && HERE.sh("grep -qE '" + pattern + "' /var/lib/jvirt/journal/migrate-*.jsonl")
                                .exit()
                        != 0) {
            Running.pause();
        }
        assertThat(running.isAlive()).as("%s", running).isTrue();
    }

    String xml() {
        return xml;
    }

    void recover(String way, String when) {
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
    void assertOne(String when, LabHost host) {
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

    static boolean startable(LabHost host) {
        Virsh virsh = new Virsh(host);
        return virsh.domains().contains(NAME) && !virsh.xml(NAME).contains(LOCK);
    }

    /** Makes everything as it was at first, by other means than jvirt's. */
    void backHome() {
        if (!here.domains().contains(NAME)) {
            assertThat(HERE.exec("test", "-e", DISK).exit()).isNotZero();
            HERE.sh("rm -rf /var/lib/libvirt/.jvirt-trash /var/lib/jvirt/trash; cp --sparse=always " + KEPT + ".raw "
                            + DISK + "; virsh -q define " + KEPT + ".xml")
                    .ok();
            there.run("undefine", NAME).ok();
            THERE.sh("rm " + DISK + "; virsh -q pool-refresh default").ok();
        }
    }

    static List<String> journal() {
        return HERE.sh("find /var/lib/jvirt/journal -type f -size +0 ! -name '*lock' 2>/dev/null || true")
                .ok()
                .lines();
    }

    /** Something of it has been undone, and not all. */
    static boolean isRollbackCutOff() {
        return HERE.sh("grep -qs undone /var/lib/jvirt/journal/migrate-*.jsonl").exit() == 0;
    }

    private static String sum(LabHost host) {
        return host.sh("sha256sum <" + DISK).ok().out();
    }
}
