// SPDX-License-Identifier: Apache-2.0
package io.jvirt.domain.inspect;

import io.jvirt.domain.JvirtException;
import io.jvirt.domain.delete.DomainStateFiles;
import io.jvirt.domain.libvirt.BlockSize;
import io.jvirt.domain.libvirt.Bounded;
import io.jvirt.domain.libvirt.Domain;
import io.jvirt.domain.libvirt.DomainJob;
import io.jvirt.domain.libvirt.DomainStats;
import io.jvirt.domain.libvirt.DomainStatus;
import io.jvirt.domain.libvirt.Host;
import io.jvirt.domain.libvirt.InterfaceAddress;
import io.jvirt.domain.libvirt.LibvirtException;
import io.jvirt.domain.reference.BackingChain;
import io.jvirt.domain.reference.DataFile;
import io.jvirt.domain.xml.DomainXml;
import io.jvirt.domain.xml.XmlElement;
import io.jvirt.domain.xml.device.Channel;
import io.jvirt.domain.xml.device.Console;
import io.jvirt.domain.xml.device.Disk;
import io.jvirt.domain.xml.device.Graphics;
import io.jvirt.domain.xml.device.Interface;
import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** Gathers what is to be known of a domain. What a driver does not tell is left out, not a failure. */
public final class Inspection {
    private static final Duration DISK_LIMIT = Duration.ofSeconds(5);
    private static final String NO_ANSWER = "its storage does not answer within " + DISK_LIMIT.toSeconds() + " s";

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
                orNull(() -> DomainStateFiles.hasSavedState(host, domain)),
                orNull(domain::snapshotCount),
                SnapshotDetails.of(domain),
                jobs(),
                active ? orNull(() -> UsageDetails.of(DomainStats.of(domain))) : null,
                xml.get(DomainXml.TYPE, ""),
                xml.get(DomainXml.ARCHITECTURE),
                xml.get(DomainXml.MACHINE),
                isUefi() ? "uefi" : "bios",
                xml.get(DomainXml.OS_ID),
                xml.get(DomainXml.MEMORY_BYTES, 0L),
                xml.get(DomainXml.CURRENT_MEMORY_BYTES, xml.get(DomainXml.MEMORY_BYTES, 0L)),
                xml.get(DomainXml.VCPUS, 1L),
                xml.get(DomainXml.CURRENT_VCPUS, xml.get(DomainXml.VCPUS, 1L)),
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
        List<String> chain = List.of();
        DataFile dataFile = null;
        if (name != null) {
            try {
                // The storage may hang, and everybody who looks at it.
                Optional<BlockSize> found = Bounded.call(
                        "disk " + target,
                        DISK_LIMIT,
                        () -> Optional.ofNullable(DiskSize.of(host, domain, active, disk)),
                        late -> {});
                size = found == null ? null : found.orElse(null);
                problem = found == null ? NO_ANSWER : size == null ? "there is no such volume" : null;
            } catch (LibvirtException e) {
                problem = e.reason();
            } catch (JvirtException e) {
                problem = e.getMessage();
            }
            List<String> found = NO_ANSWER.equals(problem) ? null : chain(disk, format);
            chain = found == null ? List.of() : found;
            dataFile = found == null ? null : dataFile(disk, format);
        }
        if (NO_ANSWER.equals(problem)) {
            domain.leaveOpen();
            host.leaveOpen();
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
                dataFile,
                chain,
                problem);
    }

    private @Nullable List<String> chain(Disk disk, @Nullable String format) {
        return Bounded.call(
                "chain",
                DISK_LIMIT,
                () -> BackingChain.of(host, disk.element(), disk.sourcePath(), format),
                late -> {});
    }

    private @Nullable DataFile dataFile(Disk disk, @Nullable String format) {
        Optional<DataFile> found =
                Bounded.call("data file", DISK_LIMIT, () -> DataFile.of(host, disk.sourcePath(), format), late -> {});
        return found == null ? null : found.orElse(null);
    }

    private List<JobDetails> jobs() {
        List<JobDetails> found = new ArrayList<>();
        DomainJob job = active ? orNull(domain::job) : null;
        if (job != null) {
            found.add(new JobDetails(
                    "the machine",
                    job.totalBytes() > 0 ? job.doneBytes() : null,
                    job.totalBytes() > 0 ? job.totalBytes() : null));
        }
        for (Disk disk : xml.disks()) {
            XmlElement mirror = disk.element().element("mirror");
            if (mirror != null) {
                String kind = mirror.attribute("job");
                found.add(new JobDetails(
                        disk.get(Disk.TARGET, "") + ": " + (kind == null ? "copy" : kind)
                                + ("yes".equals(mirror.attribute("ready")) ? ", ready" : ""),
                        null,
                        null));
            }
        }
        return found;
    }

    private List<InterfaceDetails> interfaces() {
        List<Interface> interfaces = xml.interfaces();
        Map<InterfaceAddress.Source, List<InterfaceAddress>> addresses =
                active && !interfaces.isEmpty() ? addresses() : Map.of();
        List<InterfaceDetails> found = new ArrayList<>();
        for (Interface one : interfaces) {
            String mac = one.get(Interface.MAC);
            List<GuestAddress> own = mac == null ? List.of() : of(mac, addresses);
            found.add(new InterfaceDetails(
                    mac,
                    one.get(Interface.TYPE, ""),
                    source(one),
                    one.get(Interface.MODEL),
                    active ? one.get(Interface.TARGET) : null,
                    own.stream().map(GuestAddress::address).toList(),
                    own));
        }
        return found;
    }

    /** One interface's, each once: the agent's and the lease's know the prefix, ARP does not. */
    private static List<GuestAddress> of(String mac, Map<InterfaceAddress.Source, List<InterfaceAddress>> addresses) {
        Map<String, String> texts = new LinkedHashMap<>();
        Map<String, List<String>> sources = new LinkedHashMap<>();
        addresses.forEach((source, found) -> {
            for (InterfaceAddress address : found) {
                if (mac.equalsIgnoreCase(address.mac())) {
                    String text = address.address() + (address.prefix() > 0 ? "/" + address.prefix() : "");
                    texts.merge(address.address(), text, (a, b) -> a.length() >= b.length() ? a : b);
                    sources.computeIfAbsent(address.address(), a -> new ArrayList<>())
                            .add(source.name().toLowerCase(Locale.ROOT));
                }
            }
        });
        return texts.entrySet().stream()
                .map(e -> new GuestAddress(e.getValue(), sources.getOrDefault(e.getKey(), List.of())))
                .toList();
    }

    private static @Nullable String source(Interface one) {
        String network = one.get(Interface.SOURCE_NETWORK);
        String bridge = network == null ? one.get(Interface.SOURCE_BRIDGE) : network;
        return bridge == null ? one.get(Interface.SOURCE_DEVICE) : bridge;
    }

    /** Leases know most guests; the agent knows all of its guest, where there is one; ARP saw what was on the wire. */
    private Map<InterfaceAddress.Source, List<InterfaceAddress>> addresses() {
        Map<InterfaceAddress.Source, List<InterfaceAddress>> found = new EnumMap<>(InterfaceAddress.Source.class);
        found.put(InterfaceAddress.Source.LEASE, addresses(InterfaceAddress.Source.LEASE));
        if (hasAgent()) {
            found.put(InterfaceAddress.Source.AGENT, addresses(InterfaceAddress.Source.AGENT));
        }
        found.put(InterfaceAddress.Source.ARP, addresses(InterfaceAddress.Source.ARP));
        return found;
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
