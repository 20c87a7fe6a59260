// SPDX-License-Identifier: Apache-2.0
package io.jvirt.lab;

import org.junit.jupiter.api.Test;

/** kill -9 in the verbs of daily life. */
class KillIT extends KilledVerbs {
    private static final String CREATE = "jvirt create --name lab-k --disk 8M --memory 64M --graphics none --no-start";

    private static final String FILE = ELSEWHERE + "lab-k.raw";

    @Test
    void theMachine() {
        create();
        String other = ELSEWHERE + "lab-k.xml";
        HOST.sh("virsh -q dumpxml --inactive lab-k | tee " + other + ".old | sed s,65536,131072, >" + other)
                .ok();
        killed("define " + other, "jvirt define " + other + ".old");
        killed("set lab-k --title new --memory 128M", "jvirt set lab-k --title '' --memory 64M");
        both("edit lab-k --yes", "edit lab-k --yes");
        both("autostart on lab-k --order 10", "autostart off lab-k");
        leaveOutSizes();
        both("start lab-k", "stop lab-k --timeout 0 --force");
        jvirt.run("start", "lab-k").ok();
        both("suspend lab-k", "resume lab-k");
        String saved = ELSEWHERE + "lab-k.saved";
        both(
                "save lab-k --file " + saved,
                "jvirt restore " + saved + "; rm " + saved,
                "restore " + saved,
                "jvirt save lab-k --file " + saved);
        both("save lab-k", "start lab-k");
        pullThePlug("lab-k");
        jvirt.run("delete", "lab-k", "--yes", "--purge").ok();
        HOST.sh("rm -f " + other + "*").ok();
        assertNothingWrong();
    }

    @Test
    void itsDisks() {
        create();
        String disk = "images/lab-k.qcow2";
        HOST.sh("cd /var/lib/libvirt; cp " + disk + " " + ELSEWHERE + "lab-k.old")
                .ok();
        killed("set lab-k --resize-disk vda=16M", "cp elsewhere/lab-k.old " + disk + "; virsh -q pool-refresh default");
        String add = "jvirt set lab-k --add-disk 4M";
        killed(
                "set lab-k --add-disk 4M",
                "jvirt set lab-k --remove-disk vdb; rm -f images/lab-k-2.qcow2; virsh -q pool-refresh default");
        jvirt.run("set", "lab-k", "--add-disk", "4M").ok();
        killed("set lab-k --remove-disk vdb,file=trash", "jvirt purge --all --yes; " + add);
        jvirt.run("set", "lab-k", "--remove-disk", "vdb,file=trash").ok();
        jvirt.run("purge", "--all", "--yes").ok();
        // libvirt takes an overlay for a volume when it has looked; recovering, jvirt has it look.
        String look = "virsh -q pool-refresh default";
        String snapshot = "jvirt snapshot create lab-k one --external; " + look;
        killed("snapshot create lab-k one --external", "jvirt snapshot delete lab-k one --yes");
        KilledVerbs.shell(snapshot).ok();
        killed("snapshot revert lab-k one --yes", "jvirt snapshot delete lab-k one --yes; " + snapshot);
        killed("snapshot delete lab-k one --yes", snapshot);
        jvirt.run("snapshot", "delete", "lab-k", "one", "--yes").ok();
        jvirt.run("delete", "lab-k", "--yes", "--purge").ok();
        HOST.sh("rm " + ELSEWHERE + "lab-k.old").ok();
        assertNothingWrong();
    }

    @Test
    void itsDrive() {
        shell(CREATE + " --cdrom " + TINY_ISO).ok();
        both("set lab-k --eject sda", "set lab-k --medium sda=" + TINY_ISO);
        jvirt.run("start", "lab-k").ok();
        leaveOutSizes();
        both("set lab-k --eject sda", "set lab-k --medium sda=" + TINY_ISO);
        both("set lab-k --eject sda --live", "set lab-k --medium sda=" + TINY_ISO + " --live");
        jvirt.run("delete", "lab-k", "--yes", "--force", "--purge").ok();
        assertNothingWrong();
    }

    @Test
    void theTrash() {
        create();
        killed("delete lab-k --yes", "jvirt undelete lab-k");
        jvirt.run("delete", "lab-k", "--yes").ok();
        killed("undelete lab-k", "jvirt delete lab-k --yes");
        killed("purge lab-k --yes", CREATE + "; jvirt delete lab-k --yes");
        jvirt.run("purge", "lab-k", "--yes").ok();
        assertNothingWrong();
    }

    @Test
    void networks() {
        String reserve = "net reserve lab-k 52:54:00:00:00:07 10.77.0.7";
        killed("net create lab-k --subnet 10.77.0.0/24", "jvirt net delete lab-k --yes");
        jvirt.run("net", "create", "lab-k", "--subnet", "10.77.0.0/24").ok();
        both(reserve, "net release lab-k 52:54:00:00:00:07");
        both("net stop lab-k", "net start lab-k");
        both("net autostart lab-k off", "net autostart lab-k on");
        killed("net delete lab-k --yes", "jvirt net create lab-k --subnet 10.77.0.0/24");
        jvirt.run("net", "delete", "lab-k", "--yes").ok();
        assertNothingWrong();
    }

    @Test
    void poolsAndVolumes() {
        HOST.sh("head -c 2M /dev/urandom >" + FILE).ok();
        String pool = "pool create lab-k --dir " + ELSEWHERE + "lab-k";
        both(pool, "pool delete lab-k --storage --yes");
        jvirt.run(pool.split(" ")).ok();
        both("pool stop lab-k", "pool start lab-k");
        both("pool autostart lab-k off", "pool autostart lab-k on");
        String unseen =
                "mv elsewhere/lab-k/new elsewhere/; virsh -q pool-refresh lab-k; mv elsewhere/new elsewhere/lab-k/";
        HOST.sh("echo new >" + ELSEWHERE + "lab-k/new").ok();
        killed("pool refresh lab-k", unseen);
        HOST.sh("rm " + ELSEWHERE + "lab-k/new").ok();
        jvirt.run("pool", "delete", "lab-k", "--storage", "--yes").ok();
        killed("volume upload default lab-k.raw " + FILE, "jvirt volume delete default lab-k.raw --yes");
        both("volume create default lab-k.raw 1M --format raw", "volume delete default lab-k.raw --yes");
        jvirt.run("volume", "create", "default", "lab-k.raw", "1M", "--format", "raw")
                .ok();
        killed("volume resize default lab-k.raw 2M", "virsh -q vol-resize lab-k.raw 1M --pool default --shrink");
        jvirt.run("volume", "delete", "default", "lab-k.raw", "--yes").ok();
        HOST.sh("rm -f " + FILE).ok();
        assertNothingWrong();
    }

    private void create() {
        jvirt.run(CREATE.substring("jvirt ".length()).split(" ")).ok();
    }
}
