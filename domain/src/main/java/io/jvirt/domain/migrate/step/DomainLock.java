// SPDX-License-Identifier: Apache-2.0
package io.jvirt.domain.migrate.step;

import io.jvirt.domain.metadata.StartLock;
import io.jvirt.domain.metadata.VmMetadata;
import io.jvirt.domain.xml.DomainXml;
import io.jvirt.domain.xml.Property;

/**
 * A definition that no tool can start: QEMU is given an argument that it does not know, and says so in its refusal. Other
 * hypervisors than QEMU do not read it. jvirt itself is told in its metadata, and says more.
 */
final class DomainLock {
    static final String ARGUMENT = "-jvirt-is-moving-this-machine";

    private static final Property<String> LOCK =
            Property.text("qemu:commandline/qemu:arg[@value='" + ARGUMENT + "']/@value");

    private DomainLock() {}

    static String locked(String xml) {
        DomainXml domain = DomainXml.parse(xml);
        domain.set(LOCK, ARGUMENT);
        new StartLock(
                        "migrate",
                        "it is being moved to another host",
                        "jvirt recover, on the host that it comes from",
                        "")
                .writeTo(VmMetadata.in(domain));
        return domain.text();
    }

    static boolean isLocked(String xml) {
        return DomainXml.parse(xml).get(LOCK) != null;
    }
}
