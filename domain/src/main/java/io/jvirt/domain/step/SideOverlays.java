// SPDX-License-Identifier: Apache-2.0
package io.jvirt.domain.step;

import io.jvirt.domain.JvirtException;
import io.jvirt.domain.ShellWord;
import io.jvirt.domain.journal.StepContext;
import io.jvirt.domain.journal.StepPlan;
import io.jvirt.domain.libvirt.Domain;
import io.jvirt.domain.xml.DomainXml;
import io.jvirt.domain.xml.XmlElement;
import io.jvirt.domain.xml.device.Disk;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The overlays that a running domain writes into while its disks, which then do not change, are copied; and how their content
 * comes back into the disks: by a job of QEMU while the domain runs, by jvirt's own commit once it is off. Merging may begin
 * again wherever it was cut off. The overlays have names of their own, so what has the name is nobody else's.
 */
record SideOverlays(String name, String uuid, List<SideOverlays.Each> disks) {
    private static final long POLL_MILLIS = 50;

    /** A disk, and the overlay in its place. */
    record Each(String target, String base, String format, boolean isBlock, Path overlay) {}

    void describe(Map<String, String> parameters) {
        parameters.put("name", name);
        parameters.put("uuid", uuid);
        parameters.put("count", Integer.toString(disks.size()));
        for (int i = 0; i < disks.size(); i++) {
            Each disk = disks.get(i);
            parameters.put("target" + i, disk.target());
            parameters.put("base" + i, disk.base());
            parameters.put("format" + i, disk.format());
            parameters.put("block" + i, Boolean.toString(disk.isBlock()));
            parameters.put("overlay" + i, disk.overlay().toString());
        }
    }

    static SideOverlays read(StepPlan plan) {
        List<Each> disks = new ArrayList<>();
        int count = Integer.parseInt(Parameters.required(plan, "count"));
        for (int i = 0; i < count; i++) {
            disks.add(new Each(
                    Parameters.required(plan, "target" + i),
                    Parameters.required(plan, "base" + i),
                    Parameters.required(plan, "format" + i),
                    Boolean.parseBoolean(Parameters.required(plan, "block" + i)),
                    Path.of(Parameters.required(plan, "overlay" + i))));
        }
        return new SideOverlays(
                Parameters.required(plan, "name"), Parameters.required(plan, "uuid"), List.copyOf(disks));
    }

    Map<String, String> parameters() {
        Map<String, String> p = new LinkedHashMap<>();
        describe(p);
        return p;
    }

    /** Brings everything back; does nothing where there is nothing to bring. */
    void merge(StepContext context) throws Exception {
        for (Each disk : disks) {
            try (Domain domain = find(context)) {
                if (domain.isActive() && isIn(domain.xml(), disk)) {
                    mergeRunning(domain, disk);
                }
                // While it was merged it may have been switched off.
                boolean isDefined = domain.isPersistent() && isIn(domain.inactiveXml(), disk);
                if (isDefined && !domain.isActive() && Files.exists(disk.overlay())) {
                    new CommitStep(disk.overlay()).perform(context);
                }
                if (isDefined) {
                    redefine(context, domain, disk);
                }
                refuseWhereInUse(domain, disk);
            }
            Files.deleteIfExists(disk.overlay());
            Directories.sync(disk.overlay());
        }
    }

    Domain find(StepContext context) {
        Domain domain = context.host().domainWithUuid(uuid);
        if (domain == null) {
            throw JvirtException.failed(
                    "domain '" + name + "' has disappeared meanwhile",
                    "what it wrote last is in " + disks.get(0).overlay() + ": jvirt disk commit puts it into the disk");
        }
        return domain;
    }

    private void mergeRunning(Domain domain, Each disk) throws InterruptedException {
        if (mirror(domain, disk) == null) {
            domain.commitOverlay(disk.target());
        }
        while (true) {
            XmlElement mirror = mirror(domain, disk);
            if (mirror != null && "yes".equals(mirror.attribute("ready"))) {
                domain.pivot(disk.target());
                return;
            }
            if (!domain.isActive()) {
                return;
            }
            if (mirror == null) {
                if (!isIn(domain.xml(), disk)) {
                    return;
                }
                throw JvirtException.failed(
                        "what domain '" + name + "' wrote to disk '" + disk.target() + "' meanwhile could not be merged"
                                + " into " + disk.base(),
                        "jvirt logs " + ShellWord.quoted(name) + " says why; is the disk's file system full?");
            }
            Thread.sleep(POLL_MILLIS);
        }
    }

    private static @Nullable XmlElement mirror(Domain domain, Each disk) {
        Disk found = disk(DomainXml.parse(domain.xml()), disk);
        return found == null ? null : found.element().element("mirror");
    }

    private static @Nullable Disk disk(DomainXml xml, Each disk) {
        for (Disk each : xml.disks()) {
            if (disk.target().equals(each.get(Disk.TARGET))) {
                return each;
            }
        }
        return null;
    }

    private static boolean isIn(String xml, Each disk) {
        Disk found = disk(DomainXml.parse(xml), disk);
        return found != null && disk.overlay().toString().equals(found.sourcePath());
    }

    private void redefine(StepContext context, Domain domain, Each disk) {
        DomainXml xml = DomainXml.parse(domain.inactiveXmlWithSecrets());
        Disk found = disk(xml, disk);
        if (found == null) {
            return;
        }
        XmlElement source = found.element().element("source");
        if (source != null) {
            source.attribute("file", null);
        }
        XmlElement store = found.element().element("backingStore");
        if (store != null) {
            store.remove();
        }
        found.set(Disk.TYPE, disk.isBlock() ? "block" : "file")
                .set(Disk.FORMAT, disk.format())
                .set(disk.isBlock() ? Disk.SOURCE_BLOCK : Disk.SOURCE_FILE, disk.base());
        context.host().defineDomain(xml.text(), false).close();
    }

    private void refuseWhereInUse(Domain domain, Each disk) {
        if ((domain.isActive() && isIn(domain.xml(), disk))
                || (domain.isPersistent() && isIn(domain.inactiveXml(), disk))) {
            throw JvirtException.failed(
                    "domain '" + name + "' still is in " + disk.overlay(), "try again: jvirt recover --rollback");
        }
    }
}
