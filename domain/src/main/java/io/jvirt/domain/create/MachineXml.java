// SPDX-License-Identifier: Apache-2.0
package io.jvirt.domain.create;

import io.jvirt.domain.JvirtException;
import io.jvirt.domain.xml.DomainXml;
import io.jvirt.domain.xml.XmlElement;
import io.jvirt.domain.xml.device.Channel;
import io.jvirt.domain.xml.device.Console;
import io.jvirt.domain.xml.device.Controller;
import io.jvirt.domain.xml.device.Disk;
import io.jvirt.domain.xml.device.Graphics;
import io.jvirt.domain.xml.device.Input;
import io.jvirt.domain.xml.device.Interface;
import io.jvirt.domain.xml.device.Memballoon;
import io.jvirt.domain.xml.device.Rng;
import io.jvirt.domain.xml.device.Serial;
import io.jvirt.domain.xml.device.Tpm;
import io.jvirt.domain.xml.device.Video;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** The definition of a new machine: virtio devices, a serial console, a guest agent channel, random numbers. */
final class MachineXml {
    private static final int PORTS = 14;
    /** USB, SCSI, virtio-serial, balloon, random numbers. */
    private static final int OTHER_CARDS = 5;

    private static final int SPARE_PORTS = 4;

    private final CreateRequest request;
    private final HostFacts facts;
    private final DomainXml domain;
    private final Map<String, Integer> targets = new HashMap<>();
    private long bootOrder;

    private MachineXml(CreateRequest request, HostFacts facts) {
        this.request = request;
        this.facts = facts;
        this.domain = DomainXml.of(facts.domainType(), request.name());
    }

    /**
     * What was decided on the way.
     *
     * @param osId libosinfo's id of the system, or null
     * @param graphics {@code none} or a display's type
     * @param video the adapter of a display
     * @param drivers an ISO image for a drive of its own, or null
     */
    record Choices(
            @Nullable String osId,
            String graphics,
            String video,
            @Nullable Path drivers) {}

    static DomainXml build(
            CreateRequest request,
            HostFacts facts,
            String uuid,
            List<PlannedDisk> disks,
            List<NetworkRequest> networks,
            Choices choices) {
        MachineXml machine = new MachineXml(request, facts);
        machine.general(uuid, choices.osId());
        machine.cpu();
        machine.features();
        machine.disks(disks, choices.drivers());
        machine.networks(networks);
        machine.consoles();
        machine.display(choices.graphics(), choices.video());
        if (facts.isPciExpress()) {
            machine.ports(disks.size() + networks.size());
        }
        return machine.domain;
    }

    private void general(String uuid, @Nullable String osId) {
        domain.set(DomainXml.UUID, uuid)
                .set(DomainXml.TITLE, request.title())
                .set(DomainXml.DESCRIPTION, request.description())
                .set(DomainXml.CREATED_BY, "jvirt");
        domain.set(DomainXml.OS_ID, osId)
                .set(DomainXml.MEMORY_BYTES, request.memoryBytes())
                .set(DomainXml.CURRENT_MEMORY_BYTES, request.memoryBytes())
                .set(DomainXml.VCPUS, (long) request.vcpus())
                .set(DomainXml.OS_TYPE, "hvm");
        if (!facts.isTest()) {
            domain.set(DomainXml.ARCHITECTURE, facts.arch());
        }
        domain.set(DomainXml.MACHINE, facts.machine().isEmpty() ? null : facts.machine())
                .set(DomainXml.FIRMWARE, request.hardware().isUefi() ? "efi" : null)
                .set(DomainXml.ACPI, true);
        if (facts.isX86()) {
            domain.set(DomainXml.APIC, true);
        }
        if (request.hardware().isSecure()) {
            secureBoot();
        }
    }

    /** With the keys of the system's vendors, which an installer's boot loader is signed with. */
    private void secureBoot() {
        XmlElement os = domain.element().element("os");
        if (os != null) {
            XmlElement firmware = os.add("firmware");
            for (String feature : List.of("secure-boot", "enrolled-keys")) {
                firmware.add("feature").attribute("enabled", "yes").attribute("name", feature);
            }
        }
        domain.set(DomainXml.LOADER_SECURE, true).set(DomainXml.SMM, true);
    }

    /** What only KVM can do is left out where the guest is emulated. */
    private void features() {
        XmlElement features = domain.element().element("features");
        if (!request.hardware().hyperv() || features == null || !(facts.isKvm() || facts.isTest())) {
            return;
        }
        XmlElement hyperv = features.add("hyperv").attribute("mode", "custom");
        for (String feature : List.of("relaxed", "vapic", "spinlocks", "vpindex", "runtime", "synic", "stimer")) {
            XmlElement element = hyperv.add(feature).attribute("state", "on");
            if (feature.equals("spinlocks")) {
                element.attribute("retries", "8191");
            }
        }
        XmlElement clock = domain.element().element("clock");
        if (clock != null) {
            clock.add("timer").attribute("name", "hypervclock").attribute("present", "yes");
        }
    }

    /** A port for each device and some to spare, as virt-install has them: what is plugged in later needs one. */
    private void ports(int cards) {
        domain.addDevice(Controller.ELEMENT, Controller::new)
                .set(Controller.TYPE, "pci")
                .set(Controller.INDEX, 0L)
                .set(Controller.MODEL, "pcie-root");
        for (long i = 1; i <= Math.max(PORTS, cards + OTHER_CARDS + SPARE_PORTS); i++) {
            domain.addDevice(Controller.ELEMENT, Controller::new)
                    .set(Controller.TYPE, "pci")
                    .set(Controller.INDEX, i)
                    .set(Controller.MODEL, "pcie-root-port");
        }
    }

    private void cpu() {
        String wanted = request.cpu();
        if (wanted == null) {
            if (facts.isKvm()) {
                domain.set(DomainXml.CPU_MODE, facts.hasCpuMode("host-model") ? "host-model" : "host-passthrough");
            } else if (!facts.isTest() && facts.hasCpuMode("maximum")) {
                domain.set(DomainXml.CPU_MODE, "maximum");
            }
        } else {
            chosenCpu(wanted);
        }
        domain.set(DomainXml.CLOCK, request.hardware().localtime() ? "localtime" : "utc");
        if (facts.isX86()) {
            XmlElement clock = domain.element().element("clock");
            if (clock != null) {
                clock.add("timer").attribute("name", "rtc").attribute("tickpolicy", "catchup");
                clock.add("timer").attribute("name", "pit").attribute("tickpolicy", "delay");
                clock.add("timer").attribute("name", "hpet").attribute("present", "no");
            }
        }
        domain.set(DomainXml.ON_POWEROFF, "destroy")
                .set(DomainXml.ON_REBOOT, "restart")
                .set(DomainXml.ON_CRASH, "destroy");
    }

    /** {@code MODE} or {@code MODEL[,+FEATURE][,-FEATURE]}. */
    private void chosenCpu(String wanted) {
        String[] parts = wanted.split(",", -1);
        String model = parts[0].equals("max") ? "maximum" : parts[0];
        if (List.of("host-model", "host-passthrough", "maximum").contains(model)) {
            if (!facts.hasCpuMode(model)) {
                throw JvirtException.usage(
                        "--cpu " + model + " is not possible here"
                                + (facts.isKvm() ? "" : ": it needs KVM, and the guest is emulated"),
                        "leave --cpu out for the best that is");
            }
            domain.set(DomainXml.CPU_MODE, model);
        } else {
            facts.checkCpuModel(model);
            domain.set(DomainXml.CPU_MODE, "custom").set(DomainXml.CPU_MODEL, model);
            XmlElement cpu = domain.element().element("cpu");
            if (cpu != null) {
                cpu.attribute("match", "exact");
            }
        }
        XmlElement cpu = domain.element().element("cpu");
        for (int i = 1; i < parts.length && cpu != null; i++) {
            String feature = parts[i];
            if (feature.length() < 2 || (feature.charAt(0) != '+' && feature.charAt(0) != '-')) {
                throw JvirtException.usage(
                        "--cpu has the part '" + feature + "', which is no feature", "write +FEATURE or -FEATURE");
            }
            cpu.add("feature")
                    .attribute("policy", feature.charAt(0) == '+' ? "require" : "disable")
                    .attribute("name", feature.substring(1));
        }
    }

    private void disks(List<PlannedDisk> disks, @Nullable Path drivers) {
        boolean hasScsi = false;
        for (PlannedDisk planned : disks) {
            Disk disk = domain.addDevice(Disk.ELEMENT, Disk::new);
            disk.set(Disk.TYPE, planned.isBlock() ? "block" : "file")
                    .set(Disk.DEVICE, "disk")
                    .set(Disk.DRIVER_NAME, "qemu")
                    .set(Disk.FORMAT, planned.format().id())
                    .set(Disk.CACHE, planned.cache())
                    .set(Disk.DISCARD, "unmap")
                    .set(planned.isBlock() ? Disk.SOURCE_BLOCK : Disk.SOURCE_FILE, planned.path())
                    .set(Disk.TARGET, target(planned.bus()))
                    .set(Disk.BUS, planned.bus());
            if (bootOrder == 0) {
                disk.set(Disk.BOOT_ORDER, ++bootOrder);
            }
            hasScsi |= planned.bus().equals("scsi");
        }
        if (request.source() instanceof BootSource.Cdrom cdrom) {
            cdrom(cdrom.iso()).set(Disk.BOOT_ORDER, ++bootOrder);
        }
        if (drivers != null) {
            Disk unused = cdrom(drivers);
        }
        if (hasScsi) {
            domain.addDevice(Controller.ELEMENT, Controller::new)
                    .set(Controller.TYPE, "scsi")
                    .set(Controller.INDEX, 0L)
                    .set(Controller.MODEL, "virtio-scsi");
        }
    }

    private Disk cdrom(Path iso) {
        String bus = facts.isQ35() || facts.isTest() ? "sata" : facts.isX86() ? "ide" : "scsi";
        Disk drive = domain.addDevice(Disk.ELEMENT, Disk::new);
        drive.set(Disk.TYPE, "file")
                .set(Disk.DEVICE, "cdrom")
                .set(Disk.DRIVER_NAME, "qemu")
                .set(Disk.FORMAT, "raw")
                .set(Disk.SOURCE_FILE, iso.toAbsolutePath().normalize().toString())
                .set(Disk.TARGET, target(bus))
                .set(Disk.BUS, bus)
                .set(Disk.READONLY, true);
        return drive;
    }

    private String target(String bus) {
        String prefix = switch (bus) {
            case "virtio" -> "vd";
            case "ide" -> "hd";
            default -> "sd";
        };
        int index = targets.merge(prefix, 1, Integer::sum) - 1;
        String letters = "";
        for (int i = index; i >= 0; i = i / 26 - 1) {
            letters = (char) ('a' + i % 26) + letters;
        }
        return prefix + letters;
    }

    private void networks(List<NetworkRequest> networks) {
        for (NetworkRequest n : networks) {
            Interface device = domain.addDevice(Interface.ELEMENT, Interface::new);
            switch (n.kind()) {
                case NETWORK -> device.set(Interface.TYPE, "network").set(Interface.SOURCE_NETWORK, n.source());
                case BRIDGE -> device.set(Interface.TYPE, "bridge").set(Interface.SOURCE_BRIDGE, n.source());
                case USER -> device.set(Interface.TYPE, "user");
            }
            device.set(Interface.MAC, n.mac()).set(Interface.MODEL, n.model());
            if (request.source() instanceof BootSource.Pxe) {
                device.set(Interface.BOOT_ORDER, ++bootOrder);
            }
        }
    }

    private void consoles() {
        domain.addDevice(Serial.ELEMENT, Serial::new).set(Serial.TYPE, "pty").set(Serial.TARGET_PORT, 0L);
        domain.addDevice(Console.ELEMENT, Console::new)
                .set(Console.TYPE, "pty")
                .set(Console.TARGET_TYPE, "serial")
                .set(Console.TARGET_PORT, 0L);
        domain.addDevice(Channel.ELEMENT, Channel::new)
                .set(Channel.TYPE, "unix")
                .set(Channel.TARGET_TYPE, "virtio")
                .set(Channel.TARGET_NAME, "org.qemu.guest_agent.0");
        domain.addDevice(Memballoon.ELEMENT, Memballoon::new).set(Memballoon.MODEL, "virtio");
        domain.addDevice(Rng.ELEMENT, Rng::new)
                .set(Rng.MODEL, "virtio")
                .set(Rng.BACKEND_MODEL, "random")
                .set(Rng.BACKEND, "/dev/urandom");
        if (request.hardware().tpm()) {
            domain.addDevice(Tpm.ELEMENT, Tpm::new)
                    .set(Tpm.MODEL, facts.isX86() ? "tpm-crb" : "tpm-tis")
                    .set(Tpm.BACKEND, "emulator")
                    .set(Tpm.VERSION, "2.0");
        }
    }

    private void display(String graphics, String video) {
        if (graphics.equals("none")) {
            return;
        }
        domain.addDevice(Graphics.ELEMENT, Graphics::new)
                .set(Graphics.TYPE, graphics)
                .set(Graphics.PORT, -1L)
                .set(Graphics.AUTOPORT, true)
                .set(Graphics.LISTEN, "127.0.0.1");
        domain.addDevice(Video.ELEMENT, Video::new).set(Video.MODEL, video);
        domain.addDevice(Input.ELEMENT, Input::new).set(Input.TYPE, "tablet").set(Input.BUS, "usb");
    }

    /**
     * The definition with which an installer starts: its kernel, and the end of the machine at the guest's first reboot,
     * so that the next start is from the disk.
     */
    static String install(DomainXml machine, Path kernel, Path initrd, @Nullable String arguments) {
        DomainXml install = DomainXml.parse(machine.text());
        install.set(DomainXml.KERNEL, kernel.toString())
                .set(DomainXml.INITRD, initrd.toString())
                .set(DomainXml.KERNEL_ARGUMENTS, arguments)
                .set(DomainXml.ON_REBOOT, "destroy");
        return install.text();
    }
}
