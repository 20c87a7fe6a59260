// SPDX-License-Identifier: Apache-2.0
package io.jvirt.domain.doctor;

import io.jvirt.domain.ShellWord;
import io.jvirt.domain.doctor.Finding.Severity;
import io.jvirt.domain.reference.DomainFile;
import io.jvirt.domain.reference.ImageLink;
import io.jvirt.domain.reference.SnapshotFile;
import java.util.HashSet;
import java.util.Set;
import java.util.function.Consumer;

/** What is not there: disks of domains, what their snapshots need, images that others lie on. */
final class MissingFiles implements DoctorCheck {
    @Override
    public void look(DoctorFacts facts, Consumer<Finding> found) {
        Set<String> told = new HashSet<>();
        for (DomainFile file : facts.domainFiles()) {
            if (!facts.images().exists(file.path()) && told.add(file.domain() + "\n" + file.path())) {
                boolean isMade = file.kind() == DomainFile.Kind.NVRAM;
                String what = file.target() == null
                        ? file.kind().name().toLowerCase(java.util.Locale.ROOT)
                        : "disk " + file.target();
                // libvirt makes an NVRAM that is missing from its template.
                found.accept(new Finding(
                        isMade ? Severity.NOTE : file.isOwn() ? Severity.ERROR : Severity.WARNING,
                        "missing-file",
                        "domain '" + file.domain() + "'",
                        what + ": " + file.path() + " does not exist",
                        isMade
                                ? "nothing: libvirt makes it at the next start"
                                : "put the file back (jvirt trash list shows what was deleted), or take it out of the definition: "
                                        + (file.target() == null
                                                ? "jvirt edit " + ShellWord.quoted(file.domain())
                                                : file.isOwn()
                                                        ? "jvirt set " + ShellWord.quoted(file.domain())
                                                                + " --remove-disk " + file.target()
                                                        : "jvirt set " + ShellWord.quoted(file.domain()) + " --eject "
                                                                + file.target())));
            }
        }
        for (SnapshotFile file : facts.snapshotFiles()) {
            if (!facts.images().exists(file.path()) && told.add(file.domain() + "\n" + file.path())) {
                found.accept(new Finding(
                        file.isFrozen() ? Severity.ERROR : Severity.WARNING,
                        "missing-snapshot-file",
                        "snapshot '" + file.snapshot() + "' of domain '" + file.domain() + "'",
                        "it needs " + file.path() + ", which does not exist",
                        "put the file back (jvirt trash list shows what was deleted), or let libvirt forget the snapshot: "
                                + "virsh snapshot-delete " + ShellWord.quoted(file.domain()) + " "
                                + ShellWord.quoted(file.snapshot()) + " --metadata"));
            }
        }
        for (ImageLink link : facts.links()) {
            if (facts.images().exists(link.image())
                    && !facts.images().exists(link.file())
                    && told.add(link.file() + link.image())) {
                boolean isBacking = link.kind() == ImageLink.Kind.BACKING;
                found.accept(new Finding(
                        Severity.ERROR,
                        isBacking ? "missing-backing-file" : "missing-data-file",
                        "image " + link.image(),
                        (isBacking ? "its base " : "its data file ") + link.file() + " does not exist",
                        isBacking
                                ? "put it back, or where it has moved: jvirt disk rebase -u -b NEW"
                                        + (link.format() == null ? "" : " -F " + link.format()) + " " + link.image()
                                : "put it back: without it the image has no data"));
            }
        }
    }
}
