// SPDX-License-Identifier: Apache-2.0
package io.jvirt.lab;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

/** The cloud-init seed of {@code create} and {@code clone}: what QEMU has open is read with xorriso, and nothing is left. */
class FirstBootIT extends OnKvm1 {
    /** Copies the seed that a domain's QEMU has open out of its file descriptor, and prints its files. */
    private String seed(String domain) {
        return HOST.sh("pid=$(cat /run/libvirt/qemu/" + domain + ".pid); d=$(mktemp -d)\n"
                        + "for fd in /proc/$pid/fd/*; do case $(readlink $fd) in *-seed.iso*) cat $fd >$d/iso; break; esac;"
                        + " done\n"
                        + "blkid -p -s LABEL -o value $d/iso\n"
                        + "xorriso -osirrox on -indev $d/iso -extract / $d/out >/dev/null 2>&1\n"
                        + "cat $d/out/meta-data $d/out/user-data; rm -rf $d")
                .ok()
                .out();
    }

    @Test
    void theSeedIsThereForTheFirstBootAndNotOnDisk() {
        jvirt.run(
                        "create",
                        "lab-ci",
                        "--image",
                        TINY_DISK,
                        "--memory",
                        "256M",
                        "--cloud-init",
                        "password=sesame,hostname=first")
                .ok();
        assertThat(seed("lab-ci"))
                .startsWith("cidata\ninstance-id: " + virsh.xpath("lab-ci", "/domain/uuid/text()") + "\n")
                .contains("local-hostname: first", "#cloud-config", "\"password\" : \"$6$")
                .doesNotContain("sesame");
        assertThat(HOST.sh("ls /var/lib/libvirt/boot").ok().out()).doesNotContain("seed");
        assertThat(virsh.xml("lab-ci")).doesNotContain("seed");
        pullThePlug("lab-ci");

        jvirt.run("clone", "lab-ci", "lab-ci2", "--reset-identity", "--start").ok();
        assertThat(seed("lab-ci2"))
                .contains(
                        "instance-id: " + virsh.xpath("lab-ci2", "/domain/uuid/text()"),
                        "local-hostname: lab-ci2",
                        "ssh_deletekeys");
        assertTinyGuestTalks("lab-ci2");
        delete("lab-ci", "lab-ci2");
    }
}
