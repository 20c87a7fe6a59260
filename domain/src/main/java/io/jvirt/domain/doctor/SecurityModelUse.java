// SPDX-License-Identifier: Apache-2.0
package io.jvirt.domain.doctor;

import io.jvirt.domain.ShellWord;
import io.jvirt.domain.doctor.DoctorFacts.DomainFacts;
import io.jvirt.domain.doctor.Finding.Severity;
import io.jvirt.domain.xml.XmlElement;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Consumer;

/** Definitions with labels of a security model that the host's libvirt does not use, or of a profile that is not loaded. */
final class SecurityModelUse implements DoctorCheck {
    @Override
    public void look(DoctorFacts facts, Consumer<Finding> found) {
        if (facts.models().labelOf().isEmpty()) {
            return;
        }
        for (DomainFacts domain : facts.domains()) {
            XmlElement root = domain.xml().document().root();
            Set<String> models = new TreeSet<>();
            collect(root, models);
            models.removeAll(facts.models().labelOf().keySet());
            models.remove("none");
            for (String model : models) {
                found.accept(new Finding(
                        Severity.ERROR,
                        "security-model",
                        "domain '" + domain.name() + "'",
                        "its <seclabel> is of model '" + model + "', and it cannot start: libvirt on this host uses "
                                + String.join(", ", facts.models().labelOf().keySet()) + " only",
                        "take the element out: jvirt edit " + ShellWord.quoted(domain.name())));
            }
            lookAtProfile(facts, domain, found);
        }
    }

    private static void lookAtProfile(DoctorFacts facts, DomainFacts domain, Consumer<Finding> found) {
        Set<String> loaded = facts.images().appArmorProfiles();
        if (loaded == null || !facts.models().has(SecurityModels.APPARMOR)) {
            return;
        }
        XmlElement root = (domain.live() == null ? domain.xml() : domain.live())
                .document()
                .root();
        String profile = SecurityModels.text(facts.models().label(root, SecurityModels.APPARMOR));
        if (profile == null || profile.equals("unconfined") || loaded.contains(profile)) {
            return;
        }
        boolean isLibvirts = profile.startsWith("libvirt-");
        found.accept(new Finding(
                domain.active() ? Severity.WARNING : Severity.ERROR,
                "apparmor-profile",
                "domain '" + domain.name() + "'",
                "its AppArmor profile '" + profile + "' is not loaded"
                        + (domain.active() ? ": nothing confines it" : ", and it cannot start"),
                "apparmor_parser -r /etc/apparmor.d/" + (isLibvirts ? "libvirt/" : "") + profile));
    }

    private static void collect(XmlElement element, Set<String> models) {
        for (XmlElement child : element.elements()) {
            String model = child.name().equals("seclabel") ? child.attribute("model") : null;
            if (model != null) {
                models.add(model);
            }
            collect(child, models);
        }
    }
}
