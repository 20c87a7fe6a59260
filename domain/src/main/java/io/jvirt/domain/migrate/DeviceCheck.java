// SPDX-License-Identifier: Apache-2.0
package io.jvirt.domain.migrate;

import io.jvirt.domain.ShellWord;
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
                    device.hasName()
                            ? "detach it: jvirt set " + move.word() + " --remove-device " + device.name()
                            : "take it out: jvirt edit " + move.word());
        }
        for (Filesystem shared : move.xml().devices(Filesystem.ELEMENT, Filesystem::new)) {
            XmlElement source = shared.element().element("source");
            String directory = source == null ? null : source.attribute("dir");
            if (directory != null && !move.storage().isDirectory(directory)) {
                findings.blocker(
                        "filesystem",
                        "the target has no directory " + directory + ", which the guest shares",
                        "make it there, or detach it: jvirt set " + move.word() + " --remove-filesystem "
                                + ShellWord.quoted(shared.get(Filesystem.TARGET, "TAG")));
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
        for (XmlElement devices : move.xml().element().elements("devices")) {
            for (XmlElement device : devices.elements()) {
                ofThisHost(move, device, findings);
            }
        }
        secrets(move, move.xml().element(), findings);
    }

    /** Cards, ports and input devices that are the host's own. */
    private static void ofThisHost(Move move, XmlElement device, Findings findings) {
        String type = String.valueOf(device.attribute("type"));
        switch (device.name()) {
            case "interface" -> {
                if (type.equals("hostdev") || type.equals("vdpa")) {
                    findings.blocker(
                            "hostdev",
                            "a network card is a device of this host (type " + type + ")",
                            "give it a network of the target: jvirt edit " + move.word());
                }
            }
            case "serial", "parallel", "console", "channel" -> {
                if (type.equals("dev")) {
                    hostDevice(device, "path", findings);
                }
            }
            case "input" -> {
                if (type.equals("evdev") || type.equals("passthrough")) {
                    hostDevice(device, type.equals("evdev") ? "dev" : "evdev", findings);
                }
            }
            default -> {}
        }
    }

    /** libvirt lists no character devices, so whether the target has it is not known. */
    private static void hostDevice(XmlElement device, String attribute, Findings findings) {
        XmlElement source = device.element("source");
        String path = source == null ? null : source.attribute(attribute);
        if (path != null) {
            findings.note("hostdev", "the guest will be given the target's own " + path + ", if it has one");
        }
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
