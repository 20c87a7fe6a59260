// SPDX-License-Identifier: Apache-2.0
package io.jvirt.domain.migrate;

import io.jvirt.domain.xml.XmlElement;
import io.jvirt.domain.xml.device.Filesystem;
import io.jvirt.domain.xml.device.Hostdev;
import io.jvirt.domain.xml.device.Tpm;

/** Devices that are tied to the host they are on. */
final class DeviceCheck implements MoveCheck {
    @Override
    public void run(Move move, Findings findings) {
        for (Hostdev device : move.xml().hostdevs()) {
            XmlElement source = device.element().element("source");
            XmlElement address = source == null
                    ? null
                    : source.elements().stream().findFirst().orElse(null);
            findings.blocker(
                    "hostdev",
                    "a device of this host is passed through ("
                            + device.element().attribute("type")
                            + (address == null ? "" : " " + address.toString().replaceAll("\\s+", " ")) + ")",
                    "detach it: jvirt set " + move.word() + " --remove-device");
        }
        for (Filesystem shared : move.xml().devices(Filesystem.ELEMENT, Filesystem::new)) {
            XmlElement source = shared.element().element("source");
            String directory = source == null ? null : source.attribute("dir");
            if (directory != null && !move.storage().isDirectory(directory)) {
                findings.blocker(
                        "filesystem",
                        "the target has no directory " + directory + ", which the guest shares",
                        "make it there, or detach it: jvirt set " + move.word() + " --remove-filesystem");
            }
        }
        for (Tpm tpm : move.xml().tpms()) {
            XmlElement backend = tpm.element().element("backend");
            String type = backend == null ? null : backend.attribute("type");
            if ("passthrough".equals(type)) {
                findings.blocker(
                        "tpm",
                        "the host's TPM is passed through",
                        "take it out of the definition: jvirt edit " + move.word());
            }
        }
        secrets(move, move.xml().element(), findings);
    }

    private static void secrets(Move move, XmlElement element, Findings findings) {
        if (element.name().equals("secret")) {
            String uuid = element.attribute("uuid");
            if (uuid != null && !move.target().hasSecret(uuid)) {
                findings.blocker(
                        "secret",
                        "the target does not have the secret " + uuid,
                        "define it there: virsh secret-define, virsh secret-set-value");
            }
        }
        for (XmlElement child : element.elements()) {
            secrets(move, child, findings);
        }
    }
}
