// SPDX-License-Identifier: Apache-2.0
package io.jvirt.lab;

import static io.jvirt.lab.MovingMachine.NAME;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What can go wrong on the target while a machine is on its way there: each is said, and the target is clean again. */
class MigrateTroubleIT extends OnBothHosts {
    private static final String OTHER = OnKvm1.ELSEWHERE + "lab-other";

    private final MovingMachine machine = new MovingMachine();

    @BeforeEach
    void define() {
        machine.define();
        THERE.sh("mkdir " + OTHER).ok();
    }

    @AfterEach
    void remove() {
        THERE.sh("virsh -q pool-start default 2>/dev/null || true; virsh -q undefine " + NAME
                        + " 2>/dev/null || true; umount " + OTHER + " 2>/dev/null || true; rm -rf " + OTHER)
                .ok();
        machine.remove();
    }

    @Test
    void isSaidAndLeavesNothing() {
        THERE.sh("mount -t tmpfs -o size=48M tmpfs " + OTHER).ok();
        // Somebody else fills the file system.
        Outcome full =
                meanwhile("head -c 30M /dev/zero >" + OTHER + "/other || true", "--pool-map", "default=" + OTHER);
        full.failsWith(1, "No space left", "--pool-map");
        THERE.sh("rm " + OTHER + "/other; test -z \"$(ls -A " + OTHER + ")\"").ok();
        machine.assertOne("full", HERE);

        THERE.sh("mount -o remount,ro " + OTHER).ok();
        jvirt.run("migrate", NAME, "--to", "kvm2", "--pool-map", "default=" + OTHER, "--yes")
                .failsWith(1, "Read-only file system", "--pool-map");
        machine.assertOne("read-only", HERE);
        THERE.sh("umount " + OTHER).ok();

        // The disk is there when the definition comes.
        Outcome name = meanwhile("echo '<domain type=\"qemu\"><name>" + NAME
                + "</name><memory>65536</memory><os><type arch=\"x86_64\">hvm</type></os></domain>' >/run/lab.xml;"
                + " virsh -q define /run/lab.xml; rm /run/lab.xml");
        name.failsWith(1, "a domain '" + NAME + "' with the same name has appeared on the target", "--rename");
        THERE.sh("virsh -q undefine " + NAME).ok();
        machine.assertOne("name", HERE);

        // What cannot be removed is not forgotten.
        Outcome stopped = meanwhile("virsh -q pool-destroy default");
        stopped.failsWith(5, "pool 'default' on the target is not active", "jvirt recover");
        THERE.sh("virsh -q pool-start default").ok();
        jvirt.run("recover", "--rollback", "--yes").ok();
        machine.assertOne("stopped pool", HERE);
    }

    /** Done on the target when something has been sent. */
    private Outcome meanwhile(String script, String... more) {
        LabHost.lab("slow", "kvm2", "60mbit").ok();
        String[] verb = {"migrate", NAME, "--to", "kvm2", "--yes"};
        String[] all = java.util.Arrays.copyOf(verb, verb.length + more.length);
        System.arraycopy(more, 0, all, verb.length, more.length);
        try (Running running = jvirt.start(all)) {
            MovingMachine.awaitJournal(running, "\"sent\",\"value\":\"[1-9]");
            THERE.sh(script).ok();
            return running.await(LabHost.PATIENCE);
        } finally {
            LabHost.lab("slow", "kvm2", "off").ok();
        }
    }
}
