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
 * Files that QEMU's user may not open, where libvirt does not give them to it: {@code <seclabel model='dac' relabel='no'/>} in the
 * definition, or {@code dynamic_ownership = 0} in qemu.conf.
 */
final class Ownership implements DoctorCheck {
    @Override
    public void look(DoctorFacts facts, Consumer<Finding> found) {
        QemuUser user = facts.qemuUser();
        if (user == null) {
            return;
        }
        Set<String> told = new HashSet<>();
        for (DomainFile file : facts.domainFiles()) {
            if (facts.isActive(file.domain())) {
                continue;
            }
            String why = whyNotGiven(facts, file);
            FileOwner owner = why == null ? null : facts.images().owner(file.path());
            boolean writes = file.isOwn() && file.kind() != DomainFile.Kind.BACKING;
            if (owner != null && !owner.lets(user, writes) && told.add(file.domain() + "\n" + file.path())) {
                found.accept(new Finding(
                        Severity.WARNING,
                        "ownership",
                        "domain '" + file.domain() + "'",
                        "QEMU's user " + user.uid() + " may not " + (writes ? "write " : "read ") + file.path() + " ("
                                + owner.text() + "), and libvirt does not give it to it: " + why,
                        "chown " + user.uid() + ":" + user.gid() + " " + file.path()
                                + (owner.ownersMay(writes) ? "" : "; chmod u+rw " + file.path())));
            }
        }
    }

    /** Null where libvirt changes the file's owner as the machine starts. */
    private static @Nullable String whyNotGiven(DoctorFacts facts, DomainFile file) {
        if (!facts.images().changesOwners()) {
            return "dynamic_ownership = 0 in qemu.conf";
        }
        DomainFacts domain = facts.domain(file.domain());
        XmlElement root = domain == null ? null : domain.xml().document().root();
        return root != null
                        && (root.elements("seclabel").stream().anyMatch(Ownership::keepsOwner)
                                || isKept(root.element("devices"), file.path()))
                ? "its <seclabel> says so"
                : null;
    }

    private static boolean isKept(@Nullable XmlElement devices, String path) {
        for (XmlElement disk : devices == null ? List.<XmlElement>of() : devices.elements("disk")) {
            XmlElement source = disk.element("source");
            if (source != null
                    && (path.equals(source.attribute("file")) || path.equals(source.attribute("dev")))
                    && source.elements("seclabel").stream().anyMatch(Ownership::keepsOwner)) {
                return true;
            }
        }
        return false;
    }

    private static boolean keepsOwner(XmlElement label) {
        String model = label.attribute("model");
        // With a label of its own, QEMU runs as another user.
        return (model == null || model.equals("dac"))
                && label.element("label") == null
                && ("none".equals(label.attribute("type")) || "no".equals(label.attribute("relabel")));
    }
}
