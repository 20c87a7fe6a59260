// SPDX-License-Identifier: Apache-2.0
package io.jvirt.lab;

import org.junit.jupiter.api.Test;

/**
 * kill -9 in the verbs of daily life. Define and rename stand for those that are one call of libvirt under a lock.
 */
class KillIT extends KilledVerbs {
    private static final String FILE = ELSEWHERE + "lab-k.raw";

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
        assertNothingWrong();
    }
}
