// SPDX-License-Identifier: Apache-2.0
package io.jvirt.lab;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

/** edit, define, save to a file, restore and logs on a real guest. */
class DefinitionIT extends OnKvm1 {
    private static final String SAVED = ELSEWHERE + "lab-def.save";

    @Test
    void aDefinitionIsEditedAndARefusedTextKept() {
        jvirt.run("create", "--name", "lab-edit", "--disk", "64M", "--memory", "256M")
                .ok();
        edit("s/262144/196608/").ok();
        assertThat(virsh.xpath("lab-edit", "/domain/memory/text()")).isEqualTo("196608");
        String before = virsh.run("dumpxml", "--inactive", "lab-edit").ok().out();
        Outcome refused = edit("s/<memory/<memorie/; s/memory>/memorie>/");
        assertThat(refused.exit()).as("%s", refused).isEqualTo(1);
        assertThat(refused.err()).contains("libvirt does not take the definition of 'lab-edit'", "kept in /");
        String kept = refused.err().replaceAll("(?s).*kept in (/\\S+\\.xml).*", "$1");
        HOST.sh("sed -i 's/memorie/memory/g' " + kept).ok();
        jvirt.run("define", kept).ok();
        HOST.sh("rm " + kept).ok();
        assertThat(virsh.run("dumpxml", "--inactive", "lab-edit").ok().out()).isEqualTo(before);
        delete("lab-edit");
    }

    private Outcome edit(String sed) {
        return HOST.sh("EDITOR=\"sed -i -e '" + sed + "'\" " + LabHost.CHECKOUT.resolve("jvirt") + " edit lab-edit");
    }

    @Test
    void savedToAFileItRunsOn() {
        jvirt.run("create", "--name", "lab-def", "--memory", "256M", "--image", TINY_DISK, "--vcpus", "1")
                .ok();
        assertTinyGuestTalks("lab-def");
        try (Running console = jvirt.console("lab-def")) {
            console.send("echo still here >/note; echo noted $((1+1))\n");
            console.expect("noted 2", BOOT);
        }
        jvirt.run("save", "lab-def", "--file", SAVED).ok();
        jvirt.run("restore", SAVED).ok();
        jvirt.run("restore", SAVED).failsWith(4, "running", "jvirt stop lab-def");
        try (Running console = jvirt.console("lab-def")) {
            console.send("cat /note\n");
            console.expect("still here", BOOT);
        }
        assertThat(jvirt.run("logs", "lab-def").ok().out()).contains("qemu-system", "-name guest=lab-def");
        assertThat(jvirt.run("logs", "lab-def", "-n", "1").ok().out().lines()).hasSize(1);
        delete("lab-def");
        HOST.sh("rm " + SAVED).ok();
    }
}
