// SPDX-License-Identifier: Apache-2.0
package io.jvirt.domain.autostart;

import io.jvirt.domain.JvirtException;
import io.jvirt.domain.libvirt.Domain;
import io.jvirt.domain.libvirt.DomainSummary;
import io.jvirt.domain.libvirt.ErrorNumber;
import io.jvirt.domain.libvirt.Host;
import io.jvirt.domain.libvirt.LibvirtException;
import io.jvirt.domain.metadata.VmMetadata;
import io.jvirt.domain.xml.Namespace;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** A machine that jvirt starts with the host. */
public record OrderedDomain(DomainSummary summary, OrderedStart start) {
    public String name() {
        return summary.name();
    }

    String uuid() {
        return summary.uuid();
    }

    int order() {
        return start.order();
    }

    /**
     * All of a host, in no particular order.
     *
     * @param unreadable takes a sentence about each domain whose place cannot be read: it keeps no other from starting
     */
    public static List<OrderedDomain> all(Host host, Consumer<String> unreadable) {
        List<OrderedDomain> found = new ArrayList<>();
        for (DomainSummary summary : host.listDomains()) {
            OrderedStart start;
            try {
                start = summary.persistent() ? startOf(host, summary.uuid()) : null;
            } catch (LibvirtException e) {
                throw e;
            } catch (JvirtException e) {
                unreadable.accept(
                        "the place of domain '" + summary.name() + "' in the order cannot be read: " + e.getMessage());
                continue;
            }
            if (start != null) {
                found.add(new OrderedDomain(summary, start));
            }
        }
        return found;
    }

    private static @Nullable OrderedStart startOf(Host host, String uuid) {
        try (Domain domain = host.domainWithUuid(uuid)) {
            // Most domains have no place, which is seen without the whole definition.
            String element = domain == null ? null : domain.metadata(Namespace.JVIRT.uri());
            return domain == null || element == null || !element.contains("autostart")
                    ? null
                    : OrderedStart.of(VmMetadata.of(domain));
        } catch (LibvirtException e) {
            if (e.number() == ErrorNumber.NO_DOMAIN) {
                // Deleted meanwhile.
                return null;
            }
            throw e;
        }
    }
}
