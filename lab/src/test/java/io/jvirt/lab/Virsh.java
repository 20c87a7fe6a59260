// SPDX-License-Identifier: Apache-2.0
package io.jvirt.lab;

import java.util.ArrayList;
import java.util.List;

/** libvirt's own client: the judge of what jvirt did. */
record Virsh(LabHost host) {
    Outcome run(String... arguments) {
        List<String> command = new ArrayList<>(List.of("virsh", "-q", "-c", "qemu:///system"));
        command.addAll(List.of(arguments));
        return host.exec(command);
    }

    List<String> domains() {
        return run("list", "--all", "--name").ok().lines();
    }

    String state(String domain) {
        return run("domstate", domain).ok().out().strip();
    }

    String xml(String domain) {
        return run("dumpxml", "--inactive", domain).ok().out();
    }

    /** The value at an XPath of the persistent definition; empty when there is none. */
    String xpath(String domain, String path) {
        return run("dumpxml", "--inactive", domain, "--xpath", path).out().strip();
    }

    /** The files of the domain's disks (CD-ROMs not among them), in the definition's order. */
    List<String> disks(String domain) {
        return run("domblklist", "--inactive", "--details", domain).ok().lines().stream()
                .map(line -> line.split("\\s+", 4))
                .filter(columns -> columns[1].equals("disk"))
                .map(columns -> columns[3])
                .toList();
    }
}
