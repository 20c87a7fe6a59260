// SPDX-License-Identifier: Apache-2.0
package io.jvirt.domain.change;

import io.jvirt.domain.JvirtException;
import io.jvirt.domain.ShellWord;
import io.jvirt.domain.SizeText;
import io.jvirt.domain.journal.Step;
import io.jvirt.domain.libvirt.Domain;
import io.jvirt.domain.libvirt.Host;
import io.jvirt.domain.reference.BackingChain;
import io.jvirt.domain.reference.DomainDisk;
import io.jvirt.domain.reference.OpenFile;
import io.jvirt.domain.step.ResizeDiskStep;
import io.jvirt.domain.xml.DomainXml;
import io.jvirt.domain.xml.device.Disk;
import java.util.List;

/**
 * A disk that becomes larger, at once.
 *
 * @param sizeBytes its new size
 */
public record DiskGrowth(String target, long sizeBytes) implements Change {
    @Override
    public String summary() {
        return "disk " + target + ": " + SizeText.of(sizeBytes);
    }

    @Override
    public void define(DomainXml definition) {
        Devices.disk(definition, target);
    }

    /** The guest's drivers remember the size of then. */
    @Override
    public void refuseSaved(String name) {
        throw JvirtException.refused(
                "domain '" + name + "' has saved memory, in which disk '" + target + "' has its old size",
                "jvirt start " + ShellWord.quoted(name) + ", then resize it");
    }

    @Override
    public List<Step> last(Host host, DomainXml definition) {
        Disk disk = Devices.disk(definition, target);
        String path = DomainDisk.pathOf(host, disk);
        if (path == null || !disk.isDisk()) {
            throw JvirtException.failed(
                    "disk '" + target + "' of '" + definition.get(DomainXml.NAME, "") + "' is no file and no device",
                    "resize it where it is stored");
        }
        String uuid = definition.get(DomainXml.UUID, "");
        refuseOpen(host, uuid, disk, path);
        ResizeDiskStep step = new ResizeDiskStep(uuid, target, path, disk.get(Disk.FORMAT), sizeBytes);
        Long now = step.sizeNow(host);
        if (now != null && now > sizeBytes) {
            throw JvirtException.refused(
                    "disk '" + target + "' of '" + definition.get(DomainXml.NAME, "") + "' has " + SizeText.of(now)
                            + ": " + SizeText.of(sizeBytes) + " would cut its end off",
                    "give a larger size; with the machine off and its file systems made smaller, jvirt disk resize"
                            + " --shrink does it");
        }
        return List.of(step);
    }

    /** Once begun it cannot be undone: what would stop it is looked for before. QEMU resizes what it has open itself. */
    private void refuseOpen(Host host, String uuid, Disk disk, String path) {
        try (Domain domain = host.domainWithUuid(uuid)) {
            if (domain != null && domain.isActive()) {
                return;
            }
        }
        OpenFile.refuse(host, path, "disk '" + target + "' (" + path + ")", "");
        for (String base : BackingChain.of(host, disk.element(), path, disk.get(Disk.FORMAT))) {
            if (OpenFile.isWritten(host, base)) {
                throw JvirtException.refused(
                        "the image " + base + " below disk '" + target
                                + "' is written to by another program, or by a machine that runs on another host",
                        "lsof " + ShellWord.quoted(base) + " shows a program of this host");
            }
        }
    }
}
