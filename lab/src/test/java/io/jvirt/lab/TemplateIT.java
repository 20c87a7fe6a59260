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
 * made of it. The Debian one boots in {@code WaysInIT}.
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
