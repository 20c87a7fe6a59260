// SPDX-License-Identifier: Apache-2.0
package io.jvirt.lab;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/**
 * Templates on the real daemon: each shipped one is defined, the minimal one boots and takes devices while it runs, and one is
 * made of it. The Debian one boots in {@code DebianCloneIT}.
 */
class TemplateIT extends OnKvm1 {
    @Test
    void eachShippedOneIsDefined() throws IOException {
        List<String> names;
        try (Stream<Path> files = Files.list(LabHost.CHECKOUT.resolve("templates"))) {
            names = files.map(f -> f.getFileName().toString())
                    .filter(f -> f.endsWith(".yaml"))
                    .map(f -> f.replace(".yaml", ""))
                    .sorted()
                    .toList();
        }
        assertThat(names).contains("minimal", "debian-13", "windows-11");
        String script = "for t in " + String.join(" ", names) + "; do " + LabHost.CHECKOUT
                + "/jvirt -q create --template $t --name lab-$t --print-xml >/tmp/lab-template.xml\n"
                + "virsh -q define --validate /tmp/lab-template.xml; virsh -q undefine --nvram lab-$t; echo defined $t\n"
                + "done; rm /tmp/lab-template.xml";
        assertThat(HOST.sh(script).ok().lines())
                .containsAll(names.stream().map(n -> "defined " + n).toList());
    }

    /** A system may be booted by an entry in the firmware's variables alone, which are therefore part of the template. */
    @Test
    void aTemplateOfAMachineWithUefiKeepsTheFirmwaresVariables() {
        jvirt.run("create", "lab-efi", "--image", TINY_DISK, "--memory", "256M", "--firmware", "uefi", "--no-start")
                .ok();
        jvirt.run("start", "lab-efi").ok();
        pullThePlug("lab-efi");
        String nvram = "/var/lib/libvirt/qemu/nvram/";
        // In the last block, which the firmware leaves alone while there is nothing to tidy up.
        String mark = "printf marked | dd conv=notrunc status=none bs=1 seek=540000 of=";
        HOST.sh(mark + nvram + "lab-efi_VARS.fd").ok();
        String file = ELSEWHERE + "lab-efi.yaml";
        assertThat(jvirt.run("template", "create", "efi", "--from", "lab-efi", "--file", file)
                        .ok()
                        .err())
                .isEmpty();
        String kept = ELSEWHERE + "lab-efi_VARS.fd";
        HOST.exec("cmp", nvram + "lab-efi_VARS.fd", kept).ok();

        jvirt.run("create", "--template", file, "--name", "lab-w1", "--no-start")
                .ok();
        HOST.exec("cmp", nvram + "lab-w1_VARS.fd", kept).ok();
        jvirt.run("start", "lab-w1").ok();
        assertThat(virsh.run("dumpxml", "lab-w1").ok().out()).contains(nvram + "lab-w1_VARS.fd");
        assertThat(HOST.sh("tail -c 672 " + nvram + "lab-w1_VARS.fd").ok().out())
                .contains("marked");
        jvirt.run("create", "--template", file, "--name", "lab-w2", "--firmware", "bios", "--no-start")
                .ok();
        assertThat(exists(nvram + "lab-w2_VARS.fd")).isFalse();
        HOST.exec("cmp", nvram + "lab-efi_VARS.fd", kept).ok();
        delete("lab-w1", "lab-w2");
        assertThat(exists(nvram + "lab-w1_VARS.fd")).isFalse();
        jvirt.run("template", "unmark", "lab-efi").ok();
        delete("lab-efi");
        HOST.exec("rm", file, kept).ok();
    }

    /** Secure Boot, a TPM and a drive with the drivers: what Windows' installer asks for, and all of it starts. */
    @Test
    void aWindowsMachineStartsWithAllThatItNeeds() {
        String template = ELSEWHERE + "lab-win.yaml";
        HOST.sh(
                        "printf 'extends: windows-11\\nmemory: 512M\\nvcpus: 1\\ndisks: [{size: 1G, bus: virtio}]\\ndrivers: drivers.iso\\n' >"
                                + template + "; cp " + TINY_ISO + " " + ELSEWHERE + "drivers.iso")
                .ok();
        jvirt.run("create", "--template", template, "--name", "lab-win", "--cdrom", TINY_ISO)
                .ok();
        assertThat(virsh.state("lab-win")).isEqualTo("running");
        String live = virsh.run("dumpxml", "lab-win").ok().out();
        assertThat(live)
                .contains("secure='yes'", "<tpm model='tpm-", "version='2.0'", ELSEWHERE + "drivers.iso", TINY_ISO)
                .contains("bus='virtio'", "offset='localtime'");
        delete("lab-win");
        HOST.exec("rm", template, ELSEWHERE + "drivers.iso").ok();
    }

    @Test
    void theMinimalOneBootsTakesDevicesAndBecomesATemplateItself() {
        jvirt.run("create", "--template", "minimal", "--name", "lab-min", "--image", TINY_DISK)
                .ok();
        assertTinyGuestTalks("lab-min");
        // Each needs a PCI Express port of its own.
        for (int i = 0; i < 3; i++) {
            jvirt.run("set", "lab-min", "--add-network", "default", "--live").ok();
        }
        assertThat(virsh.run("-q", "domiflist", "lab-min").ok().lines()).hasSize(4);
        jvirt.run("stop", "lab-min", "--force").ok();

        String file = ELSEWHERE + "lab-gold.yaml";
        assertThat(jvirt.run("template", "create", "gold", "--from", "lab-min", "--file", file)
                        .ok()
                        .out())
                .contains("'lab-min' is a template now");
        jvirt.run("start", "lab-min").failsWith(4, "it is a template", "jvirt clone lab-min NEW");
        jvirt.run("create", "--template", file, "--name", "lab-w1").ok();
        assertThat(qemuImg.info(disk("lab-w1")).path("backing-filename").asText())
                .isEqualTo(disk("lab-min"));
        assertThat(virsh.xpath("lab-w1", "/domain/uuid/text()"))
                .isNotEqualTo(virsh.xpath("lab-min", "/domain/uuid/text()"));
        assertThat(virsh.xpath("lab-w1", "//mac/@address")).isNotEqualTo(virsh.xpath("lab-min", "//mac/@address"));
        assertTinyGuestTalks("lab-w1");
        jvirt.run("delete", "lab-min", "--yes").failsWith(4, "lab-w1", "");
        delete("lab-w1");
        jvirt.run("template", "unmark", "lab-min").ok();
        delete("lab-min");
        HOST.exec("rm", file).ok();
    }
}
