// SPDX-License-Identifier: Apache-2.0
package io.jvirt.domain.migrate.step;

import io.jvirt.domain.JvirtException;
import io.jvirt.domain.journal.StepPlan;
import io.jvirt.domain.libvirt.DiskOverlay;
import io.jvirt.domain.libvirt.Domain;
import io.jvirt.domain.libvirt.Host;
import io.jvirt.domain.libvirt.LibvirtException;
import io.jvirt.domain.step.Parameters;
import io.jvirt.domain.xml.DomainXml;
import io.jvirt.domain.xml.XmlDocument;
import io.jvirt.domain.xml.XmlElement;
import io.jvirt.domain.xml.device.Disk;
import io.jvirt.storage.DiskImage;
import io.jvirt.storage.DiskImages;
import io.jvirt.storage.ImageFormat;
import io.jvirt.storage.OpenPolicy;
import io.jvirt.storage.OpenRequest;
import io.jvirt.storage.copy.OverlayCommit;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What a running domain writes to while its disks are copied. Whatever was cut off, {@link #takeOff} ends with the domain on
 * its own images, which then hold what was written meanwhile, and without overlays.
 *
 * @param xml the definition without overlays
 */
public record Overlays(String name, String uuid, String xml, List<Overlay> disks) {
    private static final long PAUSE_MILLIS = 100;

    /**
     * One of them.
     *
     * @param disk the disk's target name
     * @param base the image that it lies on
     * @param format that image's
     */
    public record Overlay(String disk, Path base, ImageFormat format, Path file) {}

    public Overlays {
        disks = List.copyOf(disks);
    }

    Map<String, String> parameters() {
        Map<String, String> p = new LinkedHashMap<>();
        p.put("name", name);
        p.put("uuid", uuid);
        p.put("xml", xml);
        for (int i = 0; i < disks.size(); i++) {
            Overlay overlay = disks.get(i);
            p.put("disk." + i, overlay.disk());
            p.put("base." + i, overlay.base().toString());
            p.put("format." + i, overlay.format().id());
            p.put("overlay." + i, overlay.file().toString());
        }
        return p;
    }

    static Overlays read(StepPlan plan) {
        List<Overlay> disks = new ArrayList<>();
        for (int i = 0; plan.parameters().containsKey("disk." + i); i++) {
            disks.add(new Overlay(
                    Parameters.required(plan, "disk." + i),
                    Path.of(Parameters.required(plan, "base." + i)),
                    ImageFormat.valueOf(Parameters.required(plan, "format." + i).toUpperCase(java.util.Locale.ROOT)),
                    Path.of(Parameters.required(plan, "overlay." + i))));
        }
        return new Overlays(
                Parameters.required(plan, "name"),
                Parameters.required(plan, "uuid"),
                Parameters.required(plan, "xml"),
                disks);
    }

    /** libvirt's order for them; disks that stay where they are get none. */
    String snapshotXml() {
        XmlDocument document = XmlDocument.of("domainsnapshot");
        XmlElement all = document.root().add("disks");
        for (Disk disk : DomainXml.parse(xml).disks()) {
            String target = disk.get(Disk.TARGET);
            if (target == null) {
                continue;
            }
            XmlElement element = all.add("disk").attribute("name", target);
            Overlay overlay = of(target);
            element.attribute("snapshot", overlay == null ? "no" : "external");
            if (overlay != null) {
                element.add("driver").attribute("type", "qcow2");
                element.add("source").attribute("file", overlay.file().toString());
            }
        }
        return document.toString();
    }

    private @Nullable Overlay of(String target) {
        for (Overlay overlay : disks) {
            if (overlay.disk().equals(target)) {
                return overlay;
            }
        }
        return null;
    }

    /** Takes them off again, of a domain that runs or of one that is off. */
    void takeOff(Host host) throws IOException {
        try (Domain domain = host.domainWithUuid(uuid)) {
            if (domain == null) {
                throw JvirtException.failed(
                        "domain '" + name + "' has disappeared; overlays of its disks are left: " + disks,
                        "jvirt disk commit OVERLAY puts what it wrote last into the disk");
            }
            for (Overlay overlay : disks) {
                if (domain.isActive()) {
                    commitBelowGuest(domain, overlay);
                } else {
                    commit(domain, overlay);
                }
            }
            if (usesAny(domain.inactiveXmlWithSecrets())) {
                host.defineDomain(without(domain.inactiveXmlWithSecrets()), false)
                        .close();
            }
            for (Overlay overlay : disks) {
                Files.deleteIfExists(overlay.file());
            }
        }
    }

    private void commitBelowGuest(Domain domain, Overlay overlay) {
        if (!uses(domain.xml(), overlay)) {
            return;
        }
        if (!DiskOverlay.hasJob(domain, overlay.disk())) {
            DiskOverlay.beginCommit(domain, overlay.disk());
        }
        while (uses(domain.xml(), overlay)) {
            try {
                DiskOverlay.pivot(domain, overlay.disk());
            } catch (LibvirtException e) {
                if (!DiskOverlay.hasJob(domain, overlay.disk())) {
                    throw e;
                }
                // Not that far yet.
                pause();
            }
        }
    }

    private static void commit(Domain domain, Overlay overlay) throws IOException {
        if (!uses(domain.inactiveXmlWithSecrets(), overlay)) {
            return;
        }
        if (!Files.exists(overlay.file())) {
            throw JvirtException.failed(
                    overlay.file() + " is not there any more: what domain '" + domain.name()
                            + "' wrote while it was copied is in it",
                    "bring it back, or give up what is in it: virsh edit " + domain.name() + " (disk " + overlay.disk()
                            + " on " + overlay.base() + "), then jvirt recover");
        }
        OpenRequest top =
                OpenRequest.of(overlay.file()).withFormat(ImageFormat.QCOW2).withoutBacking();
        OpenRequest base = OpenRequest.of(overlay.base())
                .withFormat(overlay.format())
                .withPolicy(OpenPolicy.everything())
                .writable();
        try (DiskImage to = DiskImages.open(base);
                DiskImage from = DiskImages.open(top)) {
            OverlayCommit.copyDown(List.of(from), to, 0, (done, total) -> {});
        }
    }

    private boolean usesAny(String domainXml) {
        return disks.stream().anyMatch(overlay -> uses(domainXml, overlay));
    }

    private static boolean uses(String domainXml, Overlay overlay) {
        for (Disk disk : DomainXml.parse(domainXml).disks()) {
            if (overlay.file().toString().equals(disk.get(Disk.SOURCE_FILE))) {
                return true;
            }
        }
        return false;
    }

    /** The definition as it is now, but for the disks, which are as they were. */
    private String without(String now) {
        DomainXml result = DomainXml.parse(now);
        DomainXml before = DomainXml.parse(xml);
        for (Disk disk : result.disks()) {
            String target = disk.get(Disk.TARGET, "");
            if (of(target) != null) {
                for (Disk old : before.disks()) {
                    if (target.equals(old.get(Disk.TARGET))) {
                        disk.element().replaceWith(old.element());
                    }
                }
            }
        }
        return result.text();
    }

    /** Whether the definition was changed since, apart from what overlays change; devices may be in another order. */
    boolean isChanged(String now) {
        return !lines(now).equals(lines(xml));
    }

    private List<String> lines(String text) {
        DomainXml parsed = DomainXml.parse(text);
        for (Disk disk : parsed.disks()) {
            if (of(disk.get(Disk.TARGET, "")) != null) {
                disk.element().remove();
            }
        }
        return parsed.text()
                .lines()
                .map(String::strip)
                .filter(line -> !line.isEmpty())
                .sorted()
                .toList();
    }

    private static void pause() {
        try {
            Thread.sleep(PAUSE_MILLIS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
