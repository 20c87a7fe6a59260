// SPDX-License-Identifier: Apache-2.0
package io.jvirt.lab;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;

/** A verb that kill -9 ends in its middle: strace kills the process as one of its threads enters its n-th sync. */
final class Killed {
    /** More syncs than a verb has: a loop that ends here never saw the verb finish. */
    private static final int MOST_SYNCS = 120;

    private Killed() {}

    /** What is to hold after a kill; {@code when} is for messages. */
    @FunctionalInterface
    interface After {
        void check(String when);
    }

    static Outcome atSync(LabHost host, int n, String... verb) {
        List<String> command = new ArrayList<>(List.of(
                "strace",
                "-f",
                "-qq",
                "--seccomp-bpf",
                "-o",
                "/dev/null",
                "-e",
                "trace=fsync,fdatasync",
                "-e",
                "inject=fsync,fdatasync:signal=SIGKILL:when=" + n));
        command.addAll(Jvirt.command(verb));
        Outcome outcome = host.exec(command);
        assertThat(n).as("the verb never ends: %s", outcome).isLessThan(MOST_SYNCS);
        return outcome;
    }

    /** Kills the verb at its first sync, then at each {@code stride}-th further one, until it ends by itself. */
    static void atSyncs(LabHost host, int first, int stride, After after, String... verb) {
        for (int n = first; atSync(host, n, verb).exit() != 0; n += stride) {
            after.check(verb[0] + " killed at sync " + n);
        }
    }
}
