// SPDX-License-Identifier: Apache-2.0
package io.jvirt.domain.doctor;

import io.jvirt.domain.doctor.DoctorFacts.DomainFacts;
import io.jvirt.domain.doctor.Finding.Severity;
import io.jvirt.domain.reference.DomainFile;
import io.jvirt.domain.xml.XmlElement;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Files whose SELinux label keeps QEMU from them: of machines that run (somebody has labelled them anew), and where libvirt is told
 * not to label them. All others get their label as the machine starts. Judged by the types of the stock policy.
 */
final class SelinuxLabels implements DoctorCheck {
    /** With what a machine runs or will run, and why its file keeps the label that it has. */
    private record Judged(SelinuxContext process, String why) {}

    @Override
    public void look(DoctorFacts facts, Consumer<Finding> found) {
        if (!facts.models().has(SecurityModels.SELINUX)) {
            return;
        }
        Set<String> told = new HashSet<>();
        for (DomainFile file : facts.domainFiles()) {
            Judged judged = judged(facts, file);
            SelinuxContext label =
                    judged == null ? null : SelinuxContext.parse(facts.images().selinuxLabel(file.path()));
            boolean writes = file.isOwn() && file.kind() != DomainFile.Kind.BACKING;
            if (judged != null
                    && label != null
                    && !judged.process().mayOpen(label, writes)
                    && told.add(file.domain() + "\n" + file.path())) {
                found.accept(new Finding(
                        Severity.WARNING,
                        "selinux-label",
                        "domain '" + file.domain() + "'",
                        "QEMU, as " + judged.process().text() + ", may not " + (writes ? "write " : "read ")
                                + file.path() + " (" + label.text() + "), " + judged.why(),
                        "chcon " + judged.process().ofItsFile(writes) + " " + file.path()));
            }
        }
    }

    private static @Nullable Judged judged(DoctorFacts facts, DomainFile file) {
        DomainFacts domain = facts.domain(file.domain());
        if (domain == null) {
            return null;
        }
        if (domain.live() != null) {
            XmlElement running = facts.models().label(domain.live().document().root(), SecurityModels.SELINUX);
            SelinuxContext process = SelinuxContext.parse(SecurityModels.text(running));
            return process == null ? null : new Judged(process, "and runs: it was labelled anew since");
        }
        XmlElement root = domain.xml().document().root();
        XmlElement whole = facts.models().label(root, SecurityModels.SELINUX);
        if (whole != null && "none".equals(whole.attribute("type"))) {
            return null;
        }
        String said = SecurityModels.text(whole);
        SelinuxContext process =
                SelinuxContext.parse(said == null ? facts.models().labelOf().get(SecurityModels.SELINUX) : said);
        XmlElement own = ofSource(facts.models(), root.element("devices"), file.path());
        boolean isKept = isKept(own == null ? whole : own);
        return process == null || !isKept
                ? null
                : new Judged(process, "and libvirt does not label it: its <seclabel> says so");
    }

    private static boolean isKept(@Nullable XmlElement label) {
        if (label == null) {
            return false;
        }
        String relabel = label.attribute("relabel");
        // A label of the user's own is kept unless he says otherwise.
        return relabel == null ? "static".equals(label.attribute("type")) : relabel.equals("no");
    }

    private static @Nullable XmlElement ofSource(SecurityModels models, @Nullable XmlElement devices, String path) {
        for (XmlElement disk : devices == null ? List.<XmlElement>of() : devices.elements("disk")) {
            XmlElement source = disk.element("source");
            if (source != null && (path.equals(source.attribute("file")) || path.equals(source.attribute("dev")))) {
                return models.label(source, SecurityModels.SELINUX);
            }
        }
        return null;
    }
}
