// SPDX-License-Identifier: Apache-2.0
package io.jvirt.domain.step;

import io.jvirt.domain.JvirtException;
import io.jvirt.domain.journal.Step;
import io.jvirt.domain.journal.StepContext;
import io.jvirt.domain.journal.StepPlan;
import io.jvirt.domain.libvirt.Domain;
import io.jvirt.domain.libvirt.LibvirtException;
import io.jvirt.domain.libvirt.Snapshot;
import io.jvirt.domain.xml.DomainXml;
import io.jvirt.domain.xml.XmlDocument;
import io.jvirt.domain.xml.XmlElement;
import io.jvirt.domain.xml.device.Disk;
import java.util.List;

/**
 * Lets a running domain go on in overlays: its disks stay as they are at that moment, all at the same one, and can be copied.
 * The guest's agent freezes its file systems for it where there is one; else the disks are as after a power cut. Undone, what
 * the domain has written since is merged into the disks. {@link MergeBackStep} is the end of it.
 */
public final class SetAsideStep implements Step {
    static final String KIND = "set-aside";

    private static final String AGENT = "org.qemu.guest_agent.0";

    private final SideOverlays overlays;

    /** A disk and the overlay that it goes on in. */
    public record Aside(String target, String base, String format, boolean isBlock, java.nio.file.Path overlay) {}

    public SetAsideStep(String name, String uuid, List<Aside> disks) {
        this(new SideOverlays(
                name,
                uuid,
                disks.stream()
                        .map(d -> new SideOverlays.Each(d.target(), d.base(), d.format(), d.isBlock(), d.overlay()))
                        .toList()));
    }

    private SetAsideStep(SideOverlays overlays) {
        this.overlays = overlays;
    }

    static SetAsideStep read(StepPlan plan) {
        return new SetAsideStep(SideOverlays.read(plan));
    }

    /** The step that ends it. */
    public MergeBackStep end() {
        return new MergeBackStep(overlays);
    }

    @Override
    public StepPlan plan() {
        return new StepPlan(
                KIND,
                "let domain '" + overlays.name() + "' go on in overlays, so that its disks do not change",
                overlays.parameters());
    }

    @Override
    public void perform(StepContext context) {
        try (Domain domain = overlays.find(context)) {
            if (!domain.isActive()) {
                throw JvirtException.failed(
                        "domain '" + overlays.name() + "' has stopped meanwhile", "clone it again: it is off now");
            }
            String live = domain.xml();
            String xml = snapshot(DomainXml.parse(live));
            if (hasAgent(live)) {
                try {
                    Snapshot.setAside(domain, xml, true);
                    context.report("The guest's agent froze its file systems for the moment that is cloned");
                    return;
                } catch (LibvirtException e) {
                    context.report("The guest's agent could not freeze its file systems: " + e.reason());
                }
            }
            Snapshot.setAside(domain, xml, false);
            context.report("The clone's disks are as after a power cut at the moment that is cloned");
        }
    }

    private static boolean hasAgent(String live) {
        XmlElement devices = XmlDocument.parse(live).root().element("devices");
        if (devices == null) {
            return false;
        }
        for (XmlElement channel : devices.elements("channel")) {
            XmlElement target = channel.element("target");
            if (target != null
                    && AGENT.equals(target.attribute("name"))
                    && "connected".equals(target.attribute("state"))) {
                return true;
            }
        }
        return false;
    }

    private String snapshot(DomainXml live) {
        XmlDocument document = XmlDocument.of("domainsnapshot");
        XmlElement disks = document.root().add("disks");
        for (Disk disk : live.disks()) {
            String target = disk.get(Disk.TARGET, "");
            XmlElement element = disks.add("disk").attribute("name", target).attribute("snapshot", "no");
            for (SideOverlays.Each each : overlays.disks()) {
                if (each.target().equals(target)) {
                    element.attribute("snapshot", "external");
                    element.add("driver").attribute("type", "qcow2");
                    element.add("source").attribute("file", each.overlay().toString());
                }
            }
        }
        return document.toString();
    }

    @Override
    public void undo(StepContext context) throws Exception {
        overlays.merge(context);
    }
}
