// SPDX-License-Identifier: Apache-2.0
package io.jvirt.domain.migrate;

import io.jvirt.domain.ShellWord;
import io.jvirt.domain.libvirt.ErrorNumber;
import io.jvirt.domain.libvirt.LibvirtException;
import io.jvirt.domain.libvirt.Version;
import io.jvirt.domain.xml.DomainXml;
import io.jvirt.domain.xml.XmlDocument;
import io.jvirt.domain.xml.XmlElement;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Whether the target's hypervisor can run such a machine: kind, machine type, processor, firmware, size. */
final class HypervisorCheck implements MoveCheck {
    @Override
    public void run(Move move, Findings findings) throws IOException {
        versions(move, findings);
        DomainXml xml = move.xml();
        String type = xml.get(DomainXml.TYPE);
        String arch = xml.get(DomainXml.ARCHITECTURE);
        String machine = xml.get(DomainXml.MACHINE);
        if (!move.target().hypervisor().equals(move.source().hypervisor())) {
            findings.blocker(
                    "hypervisor",
                    "the target's hypervisor is " + move.target().hypervisor() + ", this host's "
                            + move.source().hypervisor(),
                    "a machine moves between hosts of one kind: name another one with --to");
            return;
        }
        XmlElement capabilities;
        try {
            capabilities = XmlDocument.parse(move.target().domainCapabilities(arch, machine, type))
                    .root();
        } catch (LibvirtException e) {
            if (e.number() == ErrorNumber.NO_SUPPORT) {
                findings.note("hypervisor", "the target does not say what its hypervisor offers");
                return;
            }
            boolean knowsKind = works(move, arch, type);
            findings.blocker(
                    knowsKind ? "machine" : "hypervisor",
                    knowsKind
                            ? "the target does not know the machine type " + machine + ": " + e.reason()
                            : "the target cannot run domains of type " + type + " for " + arch + ": " + e.reason(),
                    knowsKind
                            ? "install a newer QEMU there, or change the machine type here: jvirt edit " + move.word()
                            : "jvirt host check -c "
                                    + ShellWord.quoted(move.request().targetUri()) + " says what is missing there");
            return;
        }
        compare(move, capabilities, findings);
    }

    /** @param capabilities what the target offers to such a machine */
    static void compare(Move move, XmlElement capabilities, Findings findings) throws IOException {
        emulator(move, capabilities, findings);
        cpu(move, capabilities, findings);
        firmware(move, capabilities, findings);
        size(move, capabilities, findings);
    }

    private static boolean works(Move move, @Nullable String arch, @Nullable String type) {
        try {
            move.target().domainCapabilities(arch, null, type);
            return true;
        } catch (LibvirtException e) {
            return false;
        }
    }

    private static void versions(Move move, Findings findings) {
        Version here = move.source().libvirtVersion();
        Version there = move.target().libvirtVersion();
        if (there.compareTo(here) < 0) {
            findings.note(
                    "version",
                    "libvirt on the target is older: " + there + ", here " + here
                            + "; what it does not know of the definition is lost");
        }
        Version hereQemu = move.source().hypervisorVersion();
        Version thereQemu = move.target().hypervisorVersion();
        if (thereQemu.compareTo(hereQemu) < 0) {
            findings.note("version", "QEMU on the target is older: " + thereQemu + ", here " + hereQemu);
        }
    }

    private static void cpu(Move move, XmlElement capabilities, Findings findings) {
        XmlElement cpu = move.xml().element().element("cpu");
        if (cpu == null) {
            return;
        }
        String mode = cpu.attribute("mode");
        mode = mode == null ? "custom" : mode;
        XmlElement offered = modeOf(capabilities, mode);
        if (offered == null || !"yes".equals(offered.attribute("supported"))) {
            findings.blocker("cpu", "the target does not offer the CPU mode " + mode, changeHere(move));
            return;
        }
        if (!mode.equals("custom")) {
            findings.note("cpu", "the guest will see the target's processor (CPU mode " + mode + ")");
            return;
        }
        String model = move.xml().get(DomainXml.CPU_MODEL);
        if (model == null) {
            return;
        }
        for (XmlElement known : offered.elements("model")) {
            if (known.text().equals(model)) {
                if ("no".equals(known.attribute("usable")) && !"none".equals(cpu.attribute("check"))) {
                    unusable(model, findings);
                    return;
                }
                features(move, cpu, findings);
                return;
            }
        }
        findings.blocker("cpu", "the target does not know the CPU model " + model, changeHere(move));
    }

    private static String changeHere(Move move) {
        return "change it here: jvirt edit " + move.word();
    }

    private static void unusable(String model, Findings findings) {
        findings.blocker(
                "cpu",
                "the target's processor cannot be a " + model,
                "give the machine a CPU model that both hosts have: virsh domcapabilities lists them");
    }

    /** The features that the definition asks for beyond the model. */
    private static void features(Move move, XmlElement cpu, Findings findings) {
        List<String> asked = new ArrayList<>();
        for (XmlElement feature : cpu.elements("feature")) {
            if ("require".equals(feature.attribute("policy"))) {
                asked.add(feature.attribute("name"));
            }
        }
        if (asked.isEmpty() || "none".equals(cpu.attribute("check"))) {
            return;
        }
        try {
            boolean runs = move.target()
                    .canRunCpu(
                            move.xml().get(DomainXml.ARCHITECTURE),
                            move.xml().get(DomainXml.MACHINE),
                            move.xml().get(DomainXml.TYPE),
                            cpu.toString());
            if (!runs) {
                findings.blocker(
                        "cpu",
                        "the target lacks a CPU feature of " + String.join(", ", asked),
                        "remove it from the definition: jvirt edit " + move.word());
            }
        } catch (LibvirtException e) {
            findings.note("cpu", "libvirt cannot compare the CPU features: " + e.reason());
        }
    }

    private static @Nullable XmlElement modeOf(XmlElement capabilities, String name) {
        XmlElement cpu = capabilities.element("cpu");
        if (cpu != null) {
            for (XmlElement mode : cpu.elements("mode")) {
                if (name.equals(mode.attribute("name"))) {
                    return mode;
                }
            }
        }
        return null;
    }

    private static void emulator(Move move, XmlElement capabilities, Findings findings) throws IOException {
        String emulator = move.xml().get(DomainXml.EMULATOR);
        XmlElement usual = capabilities.element("path");
        if (emulator != null
                && (usual == null || !usual.text().equals(emulator))
                && !move.storage().exists(emulator)) {
            findings.blocker(
                    "emulator",
                    "the target has no emulator " + emulator,
                    "install it there, or take the target's own" + (usual == null ? "" : " (" + usual.text() + ")")
                            + ": jvirt edit " + move.word());
        }
    }

    private static void firmware(Move move, XmlElement capabilities, Findings findings) throws IOException {
        String loader = move.xml().get(DomainXml.LOADER);
        if (loader != null
                && !offersLoader(capabilities, loader)
                && !move.storage().exists(loader)) {
            findings.blocker(
                    "firmware",
                    "the target has no firmware " + loader,
                    "install it there (apt install ovmf), or have libvirt choose one: jvirt edit " + move.word());
        }
    }

    private static boolean offersLoader(XmlElement capabilities, String loader) {
        XmlElement os = capabilities.element("os");
        XmlElement offered = os == null ? null : os.element("loader");
        return offered != null
                && offered.elements("value").stream()
                        .anyMatch(value -> value.text().equals(loader));
    }

    private static void size(Move move, XmlElement capabilities, Findings findings) {
        Long vcpus = move.xml().get(DomainXml.VCPUS);
        XmlElement most = capabilities.element("vcpu");
        String max = most == null ? null : most.attribute("max");
        if (vcpus != null && max != null && vcpus > Long.parseLong(max)) {
            findings.blocker(
                    "cpu",
                    "the target gives such a machine at most " + max + " processors",
                    "give it fewer: jvirt set " + move.word() + " --vcpus " + max + " --max-vcpus " + max);
        }
        Long memory = move.xml().get(DomainXml.MEMORY_BYTES);
        if (memory != null && memory > move.target().node().memoryBytes()) {
            findings.note("memory", "the target has less memory than the machine");
        }
    }
}
