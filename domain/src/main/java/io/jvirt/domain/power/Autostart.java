// SPDX-License-Identifier: Apache-2.0
package io.jvirt.domain.power;

import io.jvirt.domain.JvirtException;
import io.jvirt.domain.ShellWord;
import io.jvirt.domain.libvirt.Domain;
import io.jvirt.domain.libvirt.Host;

/** libvirt's own autostart: a link under {@code /etc/libvirt/qemu/autostart} that its daemon follows when it starts. */
public final class Autostart {
    private Autostart() {}

    /**
     * Sets the flag.
     *
     * @return the domain's name
     */
    public static String set(Host host, String name, boolean on) {
        try (Domain domain = host.findDomain(name)) {
            if (on && !domain.isPersistent()) {
                throw JvirtException.failed(
                        "domain '" + domain.name() + "' is transient: it has no definition to start from",
                        "define it first: jvirt dumpxml " + ShellWord.quoted(domain.name())
                                + " >vm.xml; jvirt define vm.xml");
            }
            domain.setAutostart(on);
            return domain.name();
        }
    }
}
