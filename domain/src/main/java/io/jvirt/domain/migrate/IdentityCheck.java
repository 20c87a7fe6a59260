// SPDX-License-Identifier: Apache-2.0
package io.jvirt.domain.migrate;

import io.jvirt.domain.ShellWord;
import io.jvirt.domain.libvirt.Domain;
import io.jvirt.domain.libvirt.DomainSummary;
import io.jvirt.domain.xml.DomainXml;
import io.jvirt.domain.xml.device.Interface;
import java.util.HashSet;
import java.util.Locale;
import java.util.Set;

/** Whether the target has a domain with the same name, UUID or MAC address. */
final class IdentityCheck implements MoveCheck {
    @Override
    public void run(Move move, Findings findings) {
        try (Domain same = move.target().domainNamed(move.targetName())) {
            if (same != null && !same.uuid().equals(move.uuid())) {
                findings.blocker(
                        "name",
                        "the target has another domain '" + move.targetName() + "'",
                        "--rename NEW gives this one another name there");
            }
        }
        try (Domain same = move.target().domainWithUuid(move.uuid())) {
            if (same != null) {
                findings.blocker(
                        "uuid",
                        "the target has this machine's UUID already, as domain '" + same.name() + "'",
                        "is it a copy that was left there? jvirt -c "
                                + ShellWord.quoted(move.request().targetUri()) + " info "
                                + ShellWord.quoted(same.name()));
            }
        }
        Set<String> macs = macs(move.xml());
        if (macs.isEmpty()) {
            return;
        }
        for (DomainSummary summary : move.target().listDomains()) {
            if (summary.uuid().equals(move.uuid())) {
                continue;
            }
            try (Domain other = move.target().domainWithUuid(summary.uuid())) {
                if (other == null) {
                    continue;
                }
                for (String mac : macs(DomainXml.parse(other.xml()))) {
                    if (macs.contains(mac)) {
                        findings.blocker(
                                "mac",
                                "domain '" + other.name() + "' on the target has the same MAC address " + mac,
                                "change it on one of the two hosts: jvirt edit " + move.word() + ", or jvirt -c "
                                        + ShellWord.quoted(move.request().targetUri()) + " edit "
                                        + ShellWord.quoted(other.name()));
                    }
                }
            }
        }
    }

    private static Set<String> macs(DomainXml xml) {
        Set<String> macs = new HashSet<>();
        for (Interface card : xml.interfaces()) {
            String mac = card.get(Interface.MAC);
            if (mac != null) {
                macs.add(mac.toLowerCase(Locale.ROOT));
            }
        }
        return macs;
    }
}
