// SPDX-License-Identifier: Apache-2.0
package io.jvirt.domain.change;

import io.jvirt.domain.JvirtException;
import io.jvirt.domain.journal.Step;
import io.jvirt.domain.step.LiveChangeStep;
import io.jvirt.domain.xml.DomainXml;
import io.jvirt.domain.xml.device.Disk;
import io.jvirt.domain.xml.device.Interface;
import java.util.ArrayList;
import java.util.List;

/** Looks devices up in a definition, by what a user calls them. */
final class Devices {
    private Devices() {}

    static Disk disk(DomainXml definition, String target) {
        for (Disk disk : definition.disks()) {
            if (target.equals(disk.get(Disk.TARGET))) {
                return disk;
            }
        }
        throw missing(
                definition,
                "disk",
                target,
                definition.disks().stream().map(d -> d.get(Disk.TARGET, "?")).toList());
    }

    /** By its MAC address, or by its number from 1. */
    static Interface card(DomainXml definition, String macOrNumber) {
        List<Interface> cards = definition.interfaces();
        for (int i = 0; i < cards.size(); i++) {
            String mac = cards.get(i).get(Interface.MAC, "");
            if (mac.equalsIgnoreCase(macOrNumber) || Integer.toString(i + 1).equals(macOrNumber)) {
                return cards.get(i);
            }
        }
        throw missing(
                definition,
                "network card",
                macOrNumber,
                cards.stream().map(c -> c.get(Interface.MAC, "?")).toList());
    }

    /**
     * A card's MAC address: what a running machine and its definition have in common, while their numbers differ once a
     * card was plugged in or out of one of them.
     */
    static String macOf(DomainXml seen, String macOrNumber) {
        return macOrNumber.contains(":") ? macOrNumber : card(seen, macOrNumber).get(Interface.MAC, macOrNumber);
    }

    static List<String> names(DomainXml definition) {
        List<String> names = new ArrayList<>();
        definition.disks().forEach(disk -> names.add(disk.get(Disk.TARGET, "?")));
        definition.interfaces().forEach(card -> names.add(card.get(Interface.MAC, "?")));
        return names;
    }

    static JvirtException missing(DomainXml definition, String what, String wanted, List<String> there) {
        return JvirtException.notFound(
                "domain '" + definition.get(DomainXml.NAME, "") + "' has no " + what + " '" + wanted + "'",
                there.isEmpty() ? "it has none at all" : "it has " + String.join(", ", there));
    }

    static Step attach(DomainXml running, String summary, String xml) {
        return new LiveChangeStep(summary, running.get(DomainXml.UUID, ""), LiveChangeStep.Kind.ATTACH, xml, xml);
    }

    static Step detach(DomainXml running, String summary, String xml) {
        return new LiveChangeStep(summary, running.get(DomainXml.UUID, ""), LiveChangeStep.Kind.DETACH, xml, xml);
    }

    static Step update(DomainXml running, String summary, String to, String from) {
        return new LiveChangeStep(summary, running.get(DomainXml.UUID, ""), LiveChangeStep.Kind.UPDATE, to, from);
    }
}
