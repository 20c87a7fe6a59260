// SPDX-License-Identifier: Apache-2.0
package io.jvirt.lab;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/**
 * kill -9 in the verbs of daily life that change more than one thing, at their syncs (each in the long form, {@code ./test
 * verb-kill}; else every fourth): after {@code recover} the host
 * is as it was before the verb, or as it is after it, and never between the two. Define and rename stand for those that are
 * one call of libvirt under a lock.
 */
class KillIT extends OnKvm1 {
    private static final String FILE = ELSEWHERE + "lab-k.raw";

    /** All that the verbs change, in lines that are the same whenever the host is. Ids and times are not. */
    private static final String LOOK = """
            for d in $(virsh -q list --all --name); do
              echo "domain $d $(virsh domstate $d) $(virsh desc $d --title) $(virsh -q dominfo $d | grep -i 'autostart\\|max mem')"
              virsh -q domblklist $d --inactive
              virsh -q snapshot-list $d --name
              virsh -q metadata $d https://jvirt.io/xmlns/domain/1 2>/dev/null | sed 's/since="[^"]*"//' || true
            done
            virsh -q pool-list --all; virsh -q net-list --all
            cd /var/lib/libvirt
            find images elsewhere qemu/save ! -path '*/.jvirt-trash/*' -printf '%p %s\\n' | sed 's/ 4096$//' | sort
            find . -path '*/.jvirt-trash/*' -type f ! -name entry.xml -printf 'trash %f %s\\n' | sort
            ls -A /var/lib/jvirt/trash 2>/dev/null | wc -l
            """;

    private static final int STRIDE = Integer.getInteger("jvirt.kill.stride", 4);

    private final List<String> wrong = new ArrayList<>();

    @Test
    void aVerbIsDoneOrItIsNot() {
        HOST.sh("head -c 2M /dev/urandom >" + FILE).ok();
        jvirt.run("create", "--name", "lab-k", "--disk", "8M", "--memory", "64M", "--graphics", "none", "--no-start")
                .ok();
        String other = ELSEWHERE + "lab-k.xml";
        HOST.sh("virsh -q dumpxml --inactive lab-k | tee " + other + ".old | sed s,65536,131072, >" + other)
                .ok();
        killed("define " + other, "jvirt define " + other + ".old");
        killed("set lab-k --title new --memory 128M", "jvirt set lab-k --title '' --memory 64M");
        killed(
                "set lab-k --add-disk 4M",
                "jvirt set lab-k --remove-disk vdb; rm -f images/lab-k-2.qcow2; virsh -q pool-refresh default");
        killed("rename lab-k lab-k-new", "jvirt rename lab-k-new lab-k");
        killed("autostart on lab-k --order 10", "jvirt autostart off lab-k");
        String snapshot = "jvirt snapshot create lab-k one --external";
        killed("snapshot create lab-k one --external", "jvirt snapshot delete lab-k one --yes");
        jvirt.run("snapshot", "create", "lab-k", "one", "--external").ok();
        killed("snapshot revert lab-k one --yes", "jvirt snapshot delete lab-k one --yes; " + snapshot);
        killed("snapshot delete lab-k one --yes", snapshot);
        jvirt.run("snapshot", "delete", "lab-k", "one", "--yes").ok();
        killed("delete lab-k --yes", "jvirt undelete lab-k");
        jvirt.run("delete", "lab-k", "--yes").ok();
        killed("undelete lab-k", "jvirt delete lab-k --yes");
        killed(
                "purge lab-k --yes",
                "jvirt create --name lab-k --disk 8M --memory 64M --graphics none --no-start; jvirt delete lab-k --yes");
        jvirt.run("purge", "lab-k", "--yes").ok();
        killed("net create lab-k --subnet 10.77.0.0/24", "jvirt net delete lab-k --yes");
        jvirt.run("net", "create", "lab-k", "--subnet", "10.77.0.0/24").ok();
        killed("net delete lab-k --yes", "jvirt net create lab-k --subnet 10.77.0.0/24");
        jvirt.run("net", "delete", "lab-k", "--yes").ok();
        killed("pool create lab-k --dir " + ELSEWHERE + "lab-k", "jvirt pool delete lab-k --storage --yes");
        jvirt.run("pool", "create", "lab-k", "--dir", ELSEWHERE + "lab-k").ok();
        killed("pool delete lab-k --storage --yes", "jvirt pool create lab-k --dir " + ELSEWHERE + "lab-k");
        jvirt.run("pool", "delete", "lab-k", "--storage", "--yes").ok();
        killed("volume upload default lab-k.raw " + FILE, "jvirt volume delete default lab-k.raw --yes");
        HOST.sh("rm -f " + FILE + " " + other + "*").ok();
        assertThat(wrong).isEmpty();
    }

    /** @param back what undoes the verb, in a shell in /var/lib/libvirt */
    private void killed(String verb, String back) {
        String before = look();
        String[] words = verb.split(" ");
        jvirt.run(words).ok();
        String after = look();
        assertThat(after).as(verb).isNotEqualTo(before);
        undo(back, before);
        for (int n = 1; ; n += STRIDE) {
            Outcome outcome = Killed.atSync(HOST, n, words);
            if (outcome.exit() == 0) {
                assertThat(n).as("%s synced nothing", verb).isGreaterThan(1);
                undo(back, before);
                return;
            }
            String recovered = recover(n / STRIDE % 2 == 1);
            String now = look();
            if (now.equals(after)) {
                undo(back, before);
            } else if (!now.equals(before)) {
                wrong.add(verb + ", killed at sync " + n + ", " + recovered + ":\n" + now + "--- before\n" + before
                        + "--- after\n" + after);
                undo(back + " || true", now);
                return;
            }
        }
    }

    private static void undo(String back, String before) {
        HOST.sh("cd /var/lib/libvirt; " + back.replace("jvirt ", LabHost.CHECKOUT + "/jvirt "))
                .ok();
        assertThat(look()).as(back).isEqualTo(before);
    }

    private static String look() {
        return HOST.sh(LOOK).ok().out();
    }

    /** Takes one way where it is open, and the other where it is not. */
    private String recover(boolean forward) {
        if (unfinished().isEmpty()) {
            return "nothing to recover";
        }
        Outcome outcome = jvirt.run("recover", forward ? "--resume" : "--rollback", "--yes");
        if (outcome.exit() != 0) {
            outcome = jvirt.run("recover", forward ? "--rollback" : "--resume", "--yes");
        }
        assertThat(unfinished()).as("%s", outcome).isEmpty();
        return outcome.toString();
    }

    /** The journal's entries but for those of one call of libvirt, which are locks alone and end with their owner. */
    private static String unfinished() {
        return HOST.sh("grep -Ls '\"steps\":\\[\\]\\|\"record\":\"end\"' /var/lib/jvirt/journal/*.jsonl || true")
                .ok()
                .out();
    }
}
