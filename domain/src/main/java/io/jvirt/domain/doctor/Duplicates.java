// SPDX-License-Identifier: Apache-2.0
package io.jvirt.domain.doctor;

import io.jvirt.domain.ShellWord;
import io.jvirt.domain.doctor.Finding.Severity;
import io.jvirt.domain.reference.DomainFile;
import io.jvirt.domain.xml.XmlElement;
import io.jvirt.domain.xml.device.Interface;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Consumer;

/** What only one machine may have and two do: MAC addresses, the UUID that its firmware shows, disks that are written. */
final class Duplicates implements DoctorCheck {
    @Override
    public void look(DoctorFacts facts, Consumer<Finding> found) {
        Map<String, List<String>> macs = new TreeMap<>();
        Map<String, List<String>> uuids = new TreeMap<>();
        for (DoctorFacts.DomainFacts domain : facts.domains()) {
            for (Interface one : domain.xml().interfaces()) {
                String mac = one.get(Interface.MAC);
                if (mac != null) {
                    add(macs, mac.toLowerCase(Locale.ROOT), domain.name());
                }
            }
            String uuid = firmwareUuid(domain.xml().element());
            if (uuid != null) {
                add(uuids, uuid.toLowerCase(Locale.ROOT), domain.name());
            }
        }
        macs.forEach((mac, domains) -> {
            if (domains.size() > 1) {
                found.accept(new Finding(
                        Severity.ERROR,
                        "duplicate-mac",
                        "domains " + quoted(domains),
                        "they have the MAC address " + mac + " in common",
                        "give one of them another: jvirt edit " + ShellWord.quoted(domains.get(1))));
            }
        });
        uuids.forEach((uuid, domains) -> {
            if (domains.size() > 1) {
                found.accept(new Finding(
                        Severity.WARNING,
                        "duplicate-uuid",
                        "domains " + quoted(domains),
                        "their firmware shows the same UUID " + uuid,
                        "take <sysinfo>'s uuid out: jvirt edit " + ShellWord.quoted(domains.get(1))));
            }
        });
        sharedDisks(facts, found);
    }

    private static @org.jspecify.annotations.Nullable String firmwareUuid(XmlElement domain) {
        XmlElement sysinfo = domain.element("sysinfo");
        XmlElement system = sysinfo == null ? null : sysinfo.element("system");
        for (XmlElement entry : system == null ? List.<XmlElement>of() : system.elements("entry")) {
            if ("uuid".equals(entry.attribute("name"))) {
                return entry.text().strip();
            }
        }
        return null;
    }

    private static void sharedDisks(DoctorFacts facts, Consumer<Finding> found) {
        Map<String, List<String>> writers = new TreeMap<>();
        for (DomainFile file : facts.domainFiles()) {
            if (file.kind() == DomainFile.Kind.DISK && file.isOwn()) {
                add(writers, file.path(), file.domain());
            }
        }
        writers.forEach((path, domains) -> {
            if (domains.size() > 1) {
                found.accept(new Finding(
                        Severity.ERROR,
                        "shared-disk",
                        "domains " + quoted(domains),
                        "each of them writes to " + path + ": the second one to start destroys it",
                        "give one of them a copy: jvirt disk convert -O qcow2 " + path
                                + " NEW, or mark it <shareable/>"));
            }
        });
    }

    private static void add(Map<String, List<String>> map, String key, String domain) {
        List<String> known = map.computeIfAbsent(key, k -> new ArrayList<>());
        if (!known.contains(domain)) {
            known.add(domain);
        }
    }

    private static String quoted(List<String> names) {
        return "'" + String.join("', '", names) + "'";
    }
}
