// SPDX-License-Identifier: Apache-2.0
package io.jvirt.domain.change;

import io.jvirt.domain.Cancellation;
import io.jvirt.domain.DomainName;
import io.jvirt.domain.JvirtException;
import io.jvirt.domain.ShellWord;
import io.jvirt.domain.delete.DomainStateFiles;
import io.jvirt.domain.journal.Journal;
import io.jvirt.domain.journal.Operation;
import io.jvirt.domain.journal.Step;
import io.jvirt.domain.libvirt.Domain;
import io.jvirt.domain.libvirt.Host;
import io.jvirt.domain.libvirt.StatePlaces;
import io.jvirt.domain.metadata.TemplateMark;
import io.jvirt.domain.step.MoveFileStep;
import io.jvirt.domain.step.RenameStep;
import io.jvirt.domain.xml.DomainXml;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * The verb {@code rename}. The firmware's variables go along: where the definition does not name their file, libvirt looks for it
 * by the domain's name, makes a new one after a rename, and gives the old one to the next domain of the old name.
 */
public final class Rename {
    private Rename() {}

    /**
     * Renames a domain that is off.
     *
     * @return the domain's name before
     */
    public static String perform(
            Host host, Journal journal, String nameOrUuid, String newName, Cancellation cancellation) throws Exception {
        DomainName.check(newName);
        try (Domain domain = host.findDomain(nameOrUuid)) {
            String name = domain.name();
            journal.refuseOthers(host.uri(), List.of(name, domain.uuid(), newName));
            refuse(host, domain, newName);
            List<Step> steps = new ArrayList<>();
            addVariables(host, domain, newName, steps);
            steps.add(new RenameStep(domain.uuid(), name, newName));
            try (Operation operation =
                    journal.begin("rename", host.uri(), List.of(name, domain.uuid(), newName), steps)) {
                operation.perform(host, cancellation, (plan, undoing) -> {});
            }
            return name;
        }
    }

    private static void refuse(Host host, Domain domain, String newName) {
        String name = ShellWord.quoted(domain.name());
        TemplateMark.refuseChange(domain);
        if (domain.isActive()) {
            throw JvirtException.refused(
                    "domain '" + domain.name() + "' is running: libvirt renames only what is off",
                    "jvirt stop " + name);
        }
        if (DomainStateFiles.hasSavedState(host, domain)) {
            throw JvirtException.refused(
                    "domain '" + domain.name() + "' has saved memory, which has its old name in it",
                    "jvirt start " + name + ", then jvirt stop " + name);
        }
        try (Domain other = host.domainNamed(newName)) {
            if (other != null) {
                throw JvirtException.failed("a domain '" + newName + "' exists already", "choose another name");
            }
        }
    }

    private static void addVariables(Host host, Domain domain, String newName, List<Step> steps) throws IOException {
        DomainXml xml = DomainXml.parse(domain.inactiveXml());
        String named = xml.get(DomainXml.NVRAM);
        boolean isByName = xml.get(DomainXml.FIRMWARE) != null && (named == null || named.isBlank());
        if (!isByName || !host.uri().startsWith("qemu")) {
            return;
        }
        if (host.isRemote()) {
            throw JvirtException.refused(
                    "the UEFI variables of domain '" + domain.name()
                            + "' are in a file of its name on that host, and would stay behind",
                    "run it there: jvirt rename " + ShellWord.quoted(domain.name()) + " " + ShellWord.quoted(newName));
        }
        Path variables = StatePlaces.nvram(host.uri(), domain.name());
        if (Files.exists(variables)) {
            Path target = StatePlaces.nvram(host.uri(), newName);
            if (Files.exists(target)) {
                throw JvirtException.refused(
                        "there are UEFI variables for a domain '" + newName + "' already: " + target,
                        "of no domain that is defined, they may be removed: rm " + ShellWord.quoted(target));
            }
            steps.add(new MoveFileStep("rename its UEFI variables", variables, target, null));
        }
    }
}
