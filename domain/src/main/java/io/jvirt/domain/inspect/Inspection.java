// SPDX-License-Identifier: Apache-2.0
package io.jvirt.domain.inspect;

import io.jvirt.domain.libvirt.BlockSize;
import io.jvirt.domain.libvirt.Domain;
import io.jvirt.domain.libvirt.DomainStatus;
import io.jvirt.domain.libvirt.Host;
import io.jvirt.domain.libvirt.InterfaceAddress;
import io.jvirt.domain.libvirt.LibvirtException;
import io.jvirt.domain.reference.BackingChain;
import io.jvirt.domain.xml.DomainXml;
import io.jvirt.domain.xml.XmlElement;
import io.jvirt.domain.xml.device.Channel;
import io.jvirt.domain.xml.device.Console;
import io.jvirt.domain.xml.device.Disk;
import io.jvirt.domain.xml.device.Graphics;
import io.jvirt.domain.xml.device.Interface;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** Gathers what is to be known of a domain. What a driver does not tell is left out, not a failure. */
public final class Inspection {
    private final Host host;
    private final Domain domain;
    private final DomainXml xml;
    private final boolean active;

    private Inspection(Host host, Domain domain, boolean active) {
        this.host = host;
        this.domain = domain;
        this.active = active;
        this.xml = DomainXml.parse(domain.xml());
    }

    public static DomainDetails of(Host host, Domain domain) {
        DomainStatus status = domain.status();
        return new Inspection(host, domain, status.state().isActive()).details(status);
    }

    private DomainDetails details(DomainStatus status) {
        int id = domain.id();
        return new DomainDetails(
                domain.name(),
                domain.uuid(),
                id < 0 ? null : id,
                xml.get(DomainXml.TITLE),
                xml.get(DomainXml.DESCRIPTION),
                status.state(),
                status.reason(),
                domain.isPersistent(),
                domain.autostart(),
                orNull(domain::hasManagedSave),
                orNull(domain::snapshotCount),
                xml.get(DomainXml.TYPE, ""),
                xml.get(DomainXml.ARCHITECTURE),
                xml.get(DomainXml.MACHINE),
                isUefi() ? "uefi" : "bios",
                xml.get(DomainXml.OS_ID),
                xml.get(DomainXml.MEMORY_BYTES, 0L),
                xml.get(DomainXml.VCPUS, 1L),
                cpu(),
                disks(),
                interfaces(),
                graphics(),
                console());
    }

    private boolean isUefi() {
        return "efi".equals(xml.get(DomainXml.FIRMWARE)) || "pflash".equals(xml.get(DomainXml.LOADER_TYPE));
    }

    private @Nullable String cpu() {
        String mode = xml.get(DomainXml.CPU_MODE);
        String model = xml.get(DomainXml.CPU_MODEL);
        return mode == null || mode.equals("custom") ? model : mode;
    }

    private List<DiskDetails> disks() {
        List<DiskDetails> found = new ArrayList<>();
        for (Disk disk : xml.disks()) {
            found.add(disk(disk));
        }
        return found;
    }

    private DiskDetails disk(Disk disk) {
        XmlElement source = disk.element().element("source");
        String name = source == null ? null : BackingChain.sourceName(source);
        String target = disk.get(Disk.TARGET, "");
        String format = disk.get(Disk.FORMAT);
        BlockSize size = null;
        String problem = null;
        if (name != null) {
            try {
                size = domain.blockSize(target);
            } catch (LibvirtException e) {
                problem = e.reason();
            }
        }
        return new DiskDetails(
                target,
                disk.get(Disk.DEVICE, "disk"),
                disk.get(Disk.BUS),
                name,
                format,
                size == null ? null : size.capacityBytes(),
                size == null ? null : size.physicalBytes(),
                size == null ? null : size.allocationBytes(),
                BackingChain.of(host, disk.element(), disk.sourcePath(), format),
                problem);
    }

    private List<InterfaceDetails> interfaces() {
        List<Interface> interfaces = xml.interfaces();
        List<InterfaceAddress> addresses = active && !interfaces.isEmpty() ? addresses() : List.of();
        List<InterfaceDetails> found = new ArrayList<>();
        for (Interface one : interfaces) {
            String mac = one.get(Interface.MAC);
            List<String> own = new ArrayList<>();
            for (InterfaceAddress address : addresses) {
                if (mac != null && mac.equalsIgnoreCase(address.mac())) {
                    own.add(address.address() + (address.prefix() > 0 ? "/" + address.prefix() : ""));
                }
            }
            found.add(new InterfaceDetails(
                    mac,
                    one.get(Interface.TYPE, ""),
                    source(one),
                    one.get(Interface.MODEL),
                    active ? one.get(Interface.TARGET) : null,
                    own));
        }
        return found;
    }

    private static @Nullable String source(Interface one) {
        String network = one.get(Interface.SOURCE_NETWORK);
        String bridge = network == null ? one.get(Interface.SOURCE_BRIDGE) : network;
        return bridge == null ? one.get(Interface.SOURCE_DEVICE) : bridge;
    }

    /** Leases know most guests; the agent knows all of its guest, where there is one; ARP is a guess. */
    private List<InterfaceAddress> addresses() {
        List<InterfaceAddress> found = addresses(InterfaceAddress.Source.LEASE);
        if (found.isEmpty() && hasAgent()) {
            found = addresses(InterfaceAddress.Source.AGENT);
        }
        return found.isEmpty() ? addresses(InterfaceAddress.Source.ARP) : found;
    }

    private List<InterfaceAddress> addresses(InterfaceAddress.Source source) {
        List<InterfaceAddress> found = orNull(() -> domain.addresses(source));
        return found == null ? List.of() : found;
    }

    private boolean hasAgent() {
        for (Channel channel : xml.channels()) {
            XmlElement target = channel.element().element("target");
            if (target != null
                    && "org.qemu.guest_agent.0".equals(target.attribute("name"))
                    && "connected".equals(target.attribute("state"))) {
                return true;
            }
        }
        return false;
    }

    private List<GraphicsDetails> graphics() {
        List<GraphicsDetails> found = new ArrayList<>();
        for (Graphics one : xml.graphics()) {
            Long port = one.get(Graphics.PORT);
            String listen = one.get(Graphics.LISTEN);
            found.add(new GraphicsDetails(
                    one.get(Graphics.TYPE, ""),
                    listen == null ? one.get(Graphics.LISTEN_ADDRESS) : listen,
                    port == null || port < 0 ? null : port,
                    one.get(Graphics.SOCKET)));
        }
        return found;
    }

    private @Nullable String console() {
        for (Console console : xml.consoles()) {
            String path = console.get(Console.SOURCE_PATH);
            if (path != null) {
                return path;
            }
        }
        return null;
    }

    private static <T> @Nullable T orNull(Supplier<T> question) {
        try {
            return question.get();
        } catch (LibvirtException e) {
            return null;
        }
    }
}
