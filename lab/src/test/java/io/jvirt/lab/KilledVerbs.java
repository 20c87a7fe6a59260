// SPDX-License-Identifier: Apache-2.0
package io.jvirt.lab;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;

/**
 * kill -9 in verbs that change more than one thing, at their syncs (each in the long form, {@code ./test verb-kill}; else at one
 * of every thirty): after {@code recover} the host is as it was before the verb, or as it is after it, and never between the two.
 */
abstract class KilledVerbs extends OnKvm1 {
    /** All that the verbs change, in lines that are the same whenever the host is. Ids and times are not. */
    private static final String LOOK = """
            for d in $(virsh -q list --all --name); do
              echo "domain $d"
              virsh -q "domstate $d; desc $d --title; dominfo $d; domblklist $d --inactive; domblklist $d;
                snapshot-list $d --name; metadata $d https://jvirt.io/xmlns/domain/1" 2>/dev/null |
                sed -e '/^\\(Id\\|UUID\\|CPU time\\|Used memory\\):/d' -e 's/since="[^"]*"//'
              virsh -q snapshot-current $d --name 2>/dev/null | sed 's/^/current /' || true
            done
            virsh -q "pool-list --all; net-list --all"
            for p in $(virsh -q pool-list --name); do virsh -q vol-list $p; done
            for n in $(virsh -q net-list --all --name); do virsh net-dumpxml $n --inactive | grep '<host ' || true; done
            cd /var/lib/libvirt
            for i in images/*.qcow2; do [ ! -f $i ] || qemu-img info -U $i | grep virtual; done
            find images elsewhere qemu/save qemu/nvram ! -path '*/.jvirt-trash/*' \\( -type d -printf '%p\\n' -o -printf '%p %s %m\\n' \\) | sort
            find . -path '*/.jvirt-trash/*' -type f ! -name entry.xml -printf 'trash %f %s\\n' | sort
            ls -A /var/lib/jvirt/trash 2>/dev/null | wc -l
            """;

    /** An editor that says so much memory where there was that much, and back. */
    private static final Map<String, String> ENVIRONMENT =
            Map.of("EDITOR", "sed -i -e 's,65536,131072,;t' -e 's,131072,65536,'");

    private static final int STRIDE = Integer.getInteger("jvirt.kill.stride", 30);

    /** Every verb at every sync. */
    static final boolean LONG_FORM = STRIDE == 1;

    private final List<String> wrong = new ArrayList<>();
    private boolean hasSizes = true;
    private boolean hasDetails;
    private int pairs;
    private int verbs = 1;

    void assertNothingWrong() {
        assertThat(wrong).isEmpty();
    }

    /** Permissions, by which bases are protected, and the current snapshot count too. */
    void lookCloser() {
        hasDetails = true;
    }

    /** From here on only names count: an image that a guest or libvirt writes to grows as it likes. */
    void leaveOutSizes() {
        hasSizes = false;
    }

    /** @param back what undoes the verb, in a shell in /var/lib/libvirt */
    void killed(String verb, String back) {
        String before = look();
        int syncs = Killed.syncs(HOST, ENVIRONMENT, verb.split(" "));
        String after = look();
        assertThat(after).as(verb).isNotEqualTo(before);
        undo(back, before);
        for (int moment : moments(syncs)) {
            int n = moment;
            // Threads share the work anew each time: where it was over before, it is killed earlier.
            for (; Killed.atSync(HOST, n, ENVIRONMENT, verb.split(" ")).exit() == 0; n = (n + 1) / 2) {
                undo(back, before);
            }
            String how = verb + ", killed at sync " + n + " of " + syncs + ", " + recover(n % 2 == 1);
            String now = look();
            if (now.equals(before)) {
                continue;
            }
            if (!now.equals(after)) {
                wrong.add(how + ":\n" + now + "--- before\n" + before + "--- after\n" + after);
            }
            Outcome undone = shell(back);
            if (undone.exit() != 0 || !look().equals(before)) {
                wrong.add(how + ", undone: " + undone + "\n" + now + "--- before\n" + before);
                return;
            }
        }
    }

    /** Each sync; in the short form one of so many, from verb to verb at another part of the way. */
    private int[] moments(int syncs) {
        if (LONG_FORM) {
            return IntStream.rangeClosed(1, syncs).toArray();
        }
        int count = 1 + syncs / STRIDE;
        // Multiples of the golden ratio fall evenly wherever they end.
        double part = verbs++ * 0.618 % 1;
        return IntStream.range(0, count)
                .map(i -> 1 + (int) ((i + part) * syncs / count))
                .toArray();
    }

    /**
     * Kills a verb of one call and then the one that undoes it; afterwards all is as it was. Of a test's pairs, too, the short
     * form takes every thirtieth, from the first on.
     */
    void both(String verb, String back) {
        both(verb, "jvirt " + back, back, "jvirt " + verb);
    }

    /** Where more than the other verb undoes a verb. */
    void both(String verb, String undo, String other, String undoOther) {
        if (pairs++ % STRIDE != 0) {
            return;
        }
        killed(verb, undo);
        shell("jvirt " + verb).ok();
        killed(other, undoOther);
        shell(undo).ok();
    }

    static Outcome shell(String script) {
        return HOST.sh("export EDITOR=\"" + ENVIRONMENT.get("EDITOR") + "\"; cd /var/lib/libvirt; "
                + script.replace("jvirt ", LabHost.CHECKOUT + "/jvirt "));
    }

    private void undo(String back, String before) {
        shell(back).ok();
        assertThat(look()).as(back).isEqualTo(before);
    }

    private String look() {
        String seen = HOST.sh(LOOK).ok().out();
        if (!hasSizes) {
            seen = seen.replaceAll("(?m) \\d+ (\\d+)$", " $1");
        }
        return hasDetails
                ? seen
                : seen.replaceAll("(?m)^(\\S+ \\d+) \\d+$", "$1").replaceAll("(?m)^current .*\n", "");
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
