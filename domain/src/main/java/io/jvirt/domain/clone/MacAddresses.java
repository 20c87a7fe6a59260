// SPDX-License-Identifier: Apache-2.0
package io.jvirt.domain.clone;

import io.jvirt.domain.create.MacAddress;
import io.jvirt.domain.libvirt.Domain;
import io.jvirt.domain.libvirt.DomainSummary;
import io.jvirt.domain.libvirt.Host;
import io.jvirt.domain.xml.DomainXml;
import io.jvirt.domain.xml.device.Interface;
import java.util.HashSet;
import java.util.Locale;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Addresses for new interfaces that no domain of the host has, neither running nor defined. */
final class MacAddresses {
    private static final int PREFIX_LENGTH = "52:54:00".length();

    private final Set<String> taken = new HashSet<>();

    private MacAddresses() {}

    static MacAddresses of(Host host) {
        MacAddresses addresses = new MacAddresses();
        for (DomainSummary summary : host.listDomains()) {
            try (Domain domain = host.domainWithUuid(summary.uuid())) {
                if (domain == null) {
                    continue;
                }
                addresses.add(DomainXml.parse(domain.xml()));
                if (summary.persistent()) {
                    addresses.add(DomainXml.parse(domain.inactiveXml()));
                }
            }
        }
        return addresses;
    }

    private void add(DomainXml domain) {
        for (Interface i : domain.interfaces()) {
            String mac = i.get(Interface.MAC);
            if (mac != null) {
                taken.add(mac.toLowerCase(Locale.ROOT));
            }
        }
    }

    boolean has(String mac) {
        return taken.contains(mac.toLowerCase(Locale.ROOT));
    }

    /** @param original whose first three bytes are kept; null for those of libvirt */
    String next(@Nullable String original) {
        String prefix = original == null || original.length() < PREFIX_LENGTH
                ? MacAddress.LIBVIRT_PREFIX
                : original.substring(0, PREFIX_LENGTH).toLowerCase(Locale.ROOT);
        String mac = MacAddress.random(prefix);
        while (!taken.add(mac)) {
            mac = MacAddress.random(prefix);
        }
        return mac;
    }
}
