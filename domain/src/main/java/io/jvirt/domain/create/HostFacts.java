// SPDX-License-Identifier: Apache-2.0
package io.jvirt.domain.create;

import io.jvirt.domain.JvirtException;
import io.jvirt.domain.host.KvmProbe;
import io.jvirt.domain.host.KvmVerdict;
import io.jvirt.domain.libvirt.Host;
import io.jvirt.domain.libvirt.LibvirtException;
import io.jvirt.domain.xml.XmlDocument;
import io.jvirt.domain.xml.XmlElement;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** What a host offers to a new machine, from libvirt's capabilities. */
final class HostFacts {
    /** libvirt attaches disks, cards and controllers of x86 by PCI alone. */
    private static final Set<String> WITHOUT_PCI = Set.of("microvm", "isapc", "none", "x-remote");

    private static final String OTHER_MACHINE = "leave --machine out, or give q35 or pc";

    private final String uri;
    private final String arch;
    private final String domainType;
    private final @Nullable String note;
    private final String machine;
    private final @Nullable XmlElement capabilities;

    HostFacts(
            String uri,
            String arch,
            String domainType,
            @Nullable String note,
            String machine,
            @Nullable XmlElement capabilities) {
        this.uri = uri;
        this.arch = arch;
        this.domainType = domainType;
        this.note = note;
        this.machine = machine;
        this.capabilities = capabilities;
    }

    /** @param machine the machine type asked for, or null */
    static HostFacts of(Host host, @Nullable String machine) {
        if (machine != null && WITHOUT_PCI.contains(machine)) {
            throw JvirtException.usage(
                    "a machine of type '" + machine + "' has no PCI bus, by which libvirt attaches disks and networks",
                    OTHER_MACHINE);
        }
        // Not from the capabilities: to answer them libvirt may ask every QEMU on the host what it can do.
        String arch = host.node().cpuModel();
        String uri = host.uri();
        if (host.hypervisor().equalsIgnoreCase("test")) {
            return new HostFacts(uri, arch, "test", null, machine == null ? "" : machine, null);
        }
        KvmVerdict kvm = KvmProbe.of(host);
        String note = kvm.works()
                ? null
                : "the guest is emulated (TCG), which is slow: KVM does not work here, " + kvm.reason();
        String chosen = machine == null ? defaultMachine(arch) : machine;
        try {
            String found = host.domainCapabilities(arch, chosen.isEmpty() ? null : chosen, kvm.domainType());
            return new HostFacts(
                    uri,
                    arch,
                    kvm.domainType(),
                    note,
                    chosen,
                    XmlDocument.parse(found).root());
        } catch (LibvirtException e) {
            if (machine == null) {
                throw e;
            }
            throw new JvirtException(
                    JvirtException.Kind.USAGE,
                    "the machine type '" + machine + "' is not known to the host: " + e.reason(),
                    OTHER_MACHINE,
                    e);
        }
    }

    private static String defaultMachine(String arch) {
        return switch (arch) {
            case "x86_64", "i686" -> "q35";
            case "aarch64", "riscv64" -> "virt";
            default -> "";
        };
    }

    /** The user's own libvirt, without privileges: no bridges, no shared pools. */
    boolean isSession() {
        return uri.endsWith("/session");
    }

    boolean isTest() {
        return domainType.equals("test");
    }

    boolean isX86() {
        return arch.equals("x86_64") || arch.equals("i686");
    }

    /** True for machine types with SATA and PCI Express; the others of x86 have IDE. */
    boolean isQ35() {
        return machine.contains("q35");
    }

    /** True for machine types on whose root bus nothing can be plugged in while they run: a port for each device. */
    boolean isPciExpress() {
        return isQ35() || (machine.startsWith("virt") && !isTest());
    }

    boolean isKvm() {
        return domainType.equals("kvm");
    }

    String arch() {
        return arch;
    }

    String domainType() {
        return domainType;
    }

    /** One line that the user should know, or null. */
    @Nullable
    String note() {
        return note;
    }

    /** Empty for libvirt's choice. */
    String machine() {
        return machine;
    }

    /** The most processors that the machine type can have; 0 where it is not known. */
    int maxVcpus() {
        XmlElement vcpu = capabilities == null ? null : capabilities.element("vcpu");
        String max = vcpu == null ? null : vcpu.attribute("max");
        return max == null ? 0 : Integer.parseInt(max);
    }

    boolean hasUefi() {
        return capabilities == null || values("os", "firmware").contains("efi");
    }

    boolean hasSecureBoot() {
        XmlElement os = capabilities == null ? null : capabilities.element("os");
        XmlElement loader = os == null ? null : os.element("loader");
        return capabilities == null
                || (isQ35() && loader != null && values(loader, "secure").contains("yes"));
    }

    boolean hasTpmEmulator() {
        return capabilities == null || deviceValues("tpm", "backendModel").contains("emulator");
    }

    boolean hasVideo(String model) {
        return capabilities == null || deviceValues("video", "modelType").contains(model);
    }

    boolean hasGraphics(String type) {
        return capabilities == null || deviceValues("graphics", "type").contains(type);
    }

    /** The best video model for a display. */
    String videoModel() {
        List<String> models = capabilities == null ? List.of("vga") : deviceValues("video", "modelType");
        for (String wanted : List.of("virtio", "qxl", "vga", "bochs")) {
            if (models.contains(wanted)) {
                return wanted;
            }
        }
        return models.isEmpty() ? "virtio" : models.get(0);
    }

    void checkCpuModel(String text) {
        CpuModels.check(capabilities, text);
    }

    boolean hasCpuMode(String mode) {
        XmlElement cpu = capabilities == null ? null : capabilities.element("cpu");
        if (cpu == null) {
            return capabilities == null;
        }
        for (XmlElement m : cpu.elements("mode")) {
            if (mode.equals(m.attribute("name"))) {
                return "yes".equals(m.attribute("supported"));
            }
        }
        return false;
    }

    private List<String> deviceValues(String device, String enumeration) {
        XmlElement devices = capabilities == null ? null : capabilities.element("devices");
        XmlElement element = devices == null ? null : devices.element(device);
        return element == null ? List.of() : values(element, enumeration);
    }

    private List<String> values(String element, String enumeration) {
        XmlElement e = capabilities == null ? null : capabilities.element(element);
        return e == null ? List.of() : values(e, enumeration);
    }

    private static List<String> values(XmlElement element, String enumeration) {
        List<String> found = new ArrayList<>();
        for (XmlElement e : element.elements("enum")) {
            if (enumeration.equals(e.attribute("name"))) {
                for (XmlElement value : e.elements("value")) {
                    found.add(value.text());
                }
            }
        }
        return found;
    }
}
