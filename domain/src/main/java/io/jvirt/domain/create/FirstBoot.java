// SPDX-License-Identifier: Apache-2.0
package io.jvirt.domain.create;

import io.jvirt.domain.journal.Step;
import io.jvirt.domain.libvirt.Host;
import io.jvirt.domain.step.SeedStep;
import io.jvirt.domain.step.StartStep;
import io.jvirt.domain.step.StepDomain;
import io.jvirt.domain.step.UnstageStep;
import io.jvirt.domain.xml.DomainXml;
import io.jvirt.domain.xml.device.Disk;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.UUID;

/**
 * The start of a guest that cloud-init tells what it is to be. The drive with the seed is in the running machine alone, and
 * the seed's file goes as soon as QEMU has it open: nothing of it is left for the second boot.
 */
public final class FirstBoot {
    private FirstBoot() {}

    /**
     * The steps behind the machine's definition.
     *
     * @param machine the definition
     * @param files the seed's files by their names
     */
    public static List<Step> steps(Host host, DomainXml machine, Map<String, String> files) {
        String name = machine.get(DomainXml.NAME, "");
        String uuid = machine.get(DomainXml.UUID, "");
        Path seed = InstallFiles.localDirectory(host).resolve("jvirt-" + UUID.randomUUID() + "-seed.iso");
        return List.of(
                new SeedStep(seed, files),
                new StartStep(new StepDomain(name, uuid), withSeed(machine, seed), "the cloud-init seed"),
                new UnstageStep(seed));
    }

    private static String withSeed(DomainXml machine, Path seed) {
        DomainXml first = DomainXml.parse(machine.text());
        // Kernels of cloud images have virtio and may have nothing else; others have a CD-ROM drive.
        boolean virtio = first.disks().stream().anyMatch(d -> d.isDisk() && "virtio".equals(d.get(Disk.BUS)));
        String bus = virtio ? "virtio" : cdromBus(first);
        String prefix = virtio ? "vd" : bus.equals("ide") ? "hd" : "sd";
        char letter = 'a';
        while (isTaken(first, prefix + letter)) {
            letter++;
        }
        Disk drive = first.addDevice(Disk.ELEMENT, Disk::new);
        drive.set(Disk.TYPE, "file")
                .set(Disk.DEVICE, virtio ? "disk" : "cdrom")
                .set(Disk.DRIVER_NAME, "qemu")
                .set(Disk.FORMAT, "raw")
                .set(Disk.SOURCE_FILE, seed.toString())
                // It is gone by the time the guest is moved to another host.
                .set(Disk.STARTUP_POLICY, "optional")
                .set(Disk.TARGET, prefix + letter)
                .set(Disk.BUS, bus)
                .set(Disk.READONLY, true);
        return first.text();
    }

    private static boolean isTaken(DomainXml machine, String target) {
        return machine.disks().stream().anyMatch(d -> target.equals(d.get(Disk.TARGET)));
    }

    /** SATA where the machine type has it, else IDE on x86, else SCSI. */
    private static String cdromBus(DomainXml machine) {
        if (machine.get(DomainXml.MACHINE, "").contains("q35")
                || machine.get(DomainXml.TYPE, "").equals("test")) {
            return "sata";
        }
        String arch = machine.get(DomainXml.ARCHITECTURE, "");
        return arch.equals("x86_64") || arch.equals("i686") ? "ide" : "scsi";
    }
}
