// SPDX-License-Identifier: Apache-2.0
package io.jvirt.lab;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** A pool that both hosts mount from a server (GlusterFS on the second one): each sees what the other's machines have open. */
class NetfsIT extends OnBothHosts {
    private static final String TARGET = "/run/lab-nas";
    private static final String DISK = TARGET + "/lab-web.qcow2";
    private static final String SHARED = "/var/lib/libvirt/shared/lab-web.xml";

    /** Its state and its log are the host's own, and so is the brick, in memory. */
    @BeforeEach
    void serve() {
        for (LabHost host : List.of(HERE, THERE)) {
            host.sh(
                            "mkdir -p /var/log/glusterfs /var/lib/glusterd /run/gluster; mount -t tmpfs tmpfs /var/log/glusterfs;"
                                    + " mount -t tmpfs tmpfs /var/lib/glusterd")
                    .ok();
        }
        THERE.sh("glusterd -p /run/lab-glusterd.pid; n=0;"
                        + " until gluster --mode=script volume list >/dev/null 2>&1 || [ $((n+=1)) -gt 100 ]; do sleep 0.2; done;"
                        + " gluster --mode=script volume create lab-vm kvm2:/run/lab-brick force;"
                        + " gluster --mode=script volume start lab-vm")
                .ok();
        for (Jvirt on : List.of(jvirt, jvirtThere)) {
            on.run(
                            "pool",
                            "create",
                            "lab-nas",
                            "--type",
                            "netfs",
                            "--source-host",
                            "kvm2",
                            "--source-path",
                            "lab-vm",
                            "--source-format",
                            "glusterfs",
                            "--target",
                            TARGET)
                    .ok();
        }
    }

    @AfterEach
    void remove() {
        HERE.sh("rm -f " + SHARED).ok();
        for (LabHost host : List.of(HERE, THERE)) {
            host.sh("virsh -q destroy lab-web 2>/dev/null || true; virsh -q undefine lab-web 2>/dev/null || true;"
                            + " virsh -q pool-destroy lab-nas 2>/dev/null || true;"
                            + " virsh -q pool-undefine lab-nas 2>/dev/null || true; rm -rf /var/lib/jvirt/trash")
                    .ok();
        }
        stopServer();
        for (LabHost host : List.of(HERE, THERE)) {
            host.sh("umount /var/log/glusterfs /var/lib/glusterd; rm -rf /run/lab-brick")
                    .ok();
        }
    }

    private static void stopServer() {
        THERE.sh("gluster --mode=script volume stop lab-vm force >/dev/null 2>&1 || true;"
                        + " [ ! -e /run/lab-glusterd.pid ] || kill $(cat /run/lab-glusterd.pid) || true;"
                        + " rm -f /run/lab-glusterd.pid")
                .ok();
    }

    @Test
    void whatRunsOnOneHostIsSafeFromTheOther() {
        assertThat(jvirt.run("pool", "info", "lab-nas").ok().out())
                .contains("Type:       netfs", "Source:     kvm2:lab-vm", "Target:     " + TARGET);
        jvirt.run(
                        "create",
                        "lab-web",
                        "--image",
                        OnKvm1.TINY_DISK,
                        "--disk",
                        "1G",
                        "--pool",
                        "lab-nas",
                        "--memory",
                        "160M")
                .ok();
        jvirt.run("console", "lab-web", "--type", "", "--expect", "tiny#", "--timeout", "180")
                .ok();
        assertThat(here.disks("lab-web")).containsExactly(DISK);

        String open = "is open in another program, or in a machine that runs on another host";
        jvirtThere.run("volume", "delete", "lab-nas", "lab-web.qcow2", "--yes").failsWith(4, open, "lsof " + DISK);
        refused("info", DISK);
        assertThat(jvirtThere.run("disk", "info", "-U", DISK).ok().out()).contains("virtual size: 1 GiB");
        refused("create", "-f", "qcow2", DISK, "1G");
        refused("convert", "-O", "qcow2", OnKvm1.TINY_DISK, DISK);
        assertThat(jvirtThere.run("doctor").out()).doesNotContain("lab-web");

        // As a move by hand leaves it: defined on both hosts, running on one.
        HERE.sh("virsh dumpxml --inactive lab-web >" + SHARED).ok();
        THERE.exec("virsh", "-q", "define", SHARED).ok();
        jvirtThere.run("delete", "lab-web", "--yes").failsWith(4, "the disk " + DISK + " " + open, "--keep-disks");
        jvirtThere.run("delete", "lab-web", "--yes", "--purge").failsWith(4, "the disk " + DISK + " " + open, "lsof");
        jvirtThere
                .run("set", "lab-web", "--resize-disk", "vda=2G")
                .failsWith(4, "disk 'vda' (" + DISK + ") " + open, "lsof");
        jvirtThere
                .run("clone", "lab-web", "lab-copy")
                .failsWith(1, "cannot be cloned", "Is another process using the image");
        jvirtThere
                .run("volume", "download", "lab-nas", "lab-web.qcow2", "/run/lab-copy")
                .failsWith(4, "writes to volume 'lab-web.qcow2': a copy of it now would be torn", "--force");
        jvirtThere.run("delete", "lab-web", "--yes", "--keep-disks", "--purge").ok();
        assertThat(there.domains()).doesNotContain("lab-web");

        jvirt.run("stop", "lab-web", "--timeout", "5", "--force").ok();
        assertThat(jvirtThere.run("doctor").out())
                .contains("volume 'lab-web.qcow2' of pool 'lab-nas': no domain of this host and no image uses it");
        assertThat(jvirt.run("migrate", "lab-web", "--to", "kvm2", "--plan")
                        .ok()
                        .out())
                .contains(DISK + ": shared, stays where it is");
        jvirt.run("migrate", "lab-web", "--to", "kvm2", "--start", "--yes").ok();
        assertThat(here.domains()).doesNotContain("lab-web");
        jvirtThere.run("console", "lab-web", "--type", "", "--expect", "tiny#").ok();
        jvirt.run("volume", "delete", "lab-nas", "lab-web.qcow2", "--yes").failsWith(4, open, "lsof");

        jvirtThere.run("delete", "lab-web", "--yes", "--force", "--purge").ok();
        assertThat(HERE.exec("ls", TARGET).ok().out()).isBlank();
    }

    /** The other host's disk verbs see the lock of the machine's QEMU. */
    private void refused(String... arguments) {
        List<String> command = new ArrayList<>(List.of("disk"));
        command.addAll(List.of(arguments));
        Outcome outcome = jvirtThere.run(command.toArray(String[]::new));
        assertThat(outcome.exit()).as("%s", outcome).isEqualTo(1);
        assertThat(outcome.err()).contains("\"write\" lock", "Is another process using the image [" + DISK + "]?");
    }

    @Test
    void aServerThatIsGone() {
        jvirt.run("pool", "stop", "lab-nas").ok();
        HERE.sh("! grep -q " + TARGET + " /proc/mounts").ok();
        jvirtThere.run("pool", "delete", "lab-nas", "--yes").ok();
        stopServer();
        jvirt.run("pool", "start", "lab-nas")
                .failsWith(1, "Mounting glusterfs on " + TARGET + " failed", "jvirt pool info lab-nas names it");
        jvirt.run("pool", "delete", "lab-nas", "--yes").ok();
    }
}
