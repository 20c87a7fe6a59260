// SPDX-License-Identifier: Apache-2.0
package io.jvirt.domain.check;

import io.jvirt.domain.host.KvmProbe;
import io.jvirt.domain.libvirt.Host;
import io.jvirt.domain.libvirt.LibvirtException;
import io.jvirt.domain.libvirt.Network;
import io.jvirt.domain.libvirt.Node;
import io.jvirt.domain.network.NetworkSummary;
import io.jvirt.domain.pool.PoolReading;
import io.jvirt.domain.xml.XmlDocument;
import io.jvirt.domain.xml.XmlElement;
import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** Asks libvirt and reads the kernel's files. What cannot be read counts as absent. */
final class FactFinding {
    private static final Pattern MEMORY_LINE = Pattern.compile("(\\w+):\\s+(\\d+)( kB)?");

    private FactFinding() {}

    static CheckFacts of(Host host) {
        Node node = host.node();
        XmlElement capabilities = XmlDocument.parse(host.capabilities()).root();
        List<NetworkSummary> networks = new ArrayList<>();
        for (Network network : Network.list(host)) {
            try (network) {
                networks.add(NetworkSummary.of(network));
            }
        }
        boolean isHere = !host.isRemote() && host.uri().startsWith("qemu:");
        return new CheckFacts(
                host.uri(),
                node.cpuModel(),
                KvmProbe.of(host),
                host.libvirtVersion(),
                Host.libraryVersion(),
                host.hypervisorVersion(),
                machineTypes(capabilities, node.cpuModel()),
                firmwares(host),
                PoolReading.all(host),
                networks,
                node.memoryBytes(),
                node.freeMemoryBytes(),
                isHere ? machine() : null);
    }

    private static List<String> machineTypes(XmlElement capabilities, String architecture) {
        List<String> types = new ArrayList<>();
        for (XmlElement guest : capabilities.elements("guest")) {
            XmlElement arch = guest.element("arch");
            if (arch != null && architecture.equals(arch.attribute("name"))) {
                arch.elements("machine").forEach(machine -> types.add(machine.text()));
            }
        }
        return types;
    }

    private static List<String> firmwares(Host host) {
        try {
            XmlElement os = XmlDocument.parse(host.domainCapabilities(null, null, null))
                    .root()
                    .element("os");
            for (XmlElement one : os == null ? List.<XmlElement>of() : os.elements("enum")) {
                if ("firmware".equals(one.attribute("name"))) {
                    return one.elements("value").stream().map(XmlElement::text).toList();
                }
            }
        } catch (LibvirtException e) {
            // A driver that cannot tell.
            return List.of();
        }
        return List.of();
    }

    private static MachineFacts machine() {
        Map<String, Long> memory = memory(read("/proc/meminfo"));
        String v2 = read("/sys/fs/cgroup/cgroup.controllers");
        return new MachineFacts(
                cpuFlags(read("/proc/cpuinfo")),
                nested(),
                entries("/sys/kernel/iommu_groups"),
                read("/proc/cmdline").strip(),
                Files.exists(Path.of("/sys/fs/cgroup/cgroup.controllers")) ? 2 : entries("/sys/fs/cgroup") > 0 ? 1 : 0,
                v2.isEmpty()
                        ? cgroup1(read("/proc/cgroups"))
                        : Set.of(v2.strip().split("\\s+")),
                memory.getOrDefault("HugePages_Total", 0L),
                memory.getOrDefault("HugePages_Free", 0L),
                memory.getOrDefault("Hugepagesize", 0L),
                read("/sys/devices/system/clocksource/clocksource0/current_clocksource")
                        .strip(),
                clockKeeper(),
                Files.exists(Path.of("/dev/vhost-net")),
                Files.exists(Path.of("/dev/net/tun")),
                read("/proc/sys/net/ipv4/ip_forward").strip().equals("1"));
    }

    static Set<String> cpuFlags(String cpuinfo) {
        for (String line : cpuinfo.lines().toList()) {
            if (line.startsWith("flags")) {
                return Set.copyOf(Arrays.asList(
                        line.substring(line.indexOf(':') + 1).strip().split("\\s+")));
            }
        }
        return Set.of();
    }

    /** Bytes, or a count where the kernel gives no unit. */
    static Map<String, Long> memory(String meminfo) {
        Map<String, Long> values = new HashMap<>();
        Matcher line = MEMORY_LINE.matcher(meminfo);
        while (line.find()) {
            values.put(line.group(1), Long.parseLong(line.group(2)) * (line.group(3) == null ? 1 : 1024));
        }
        return values;
    }

    /** Name, hierarchy, number of groups, enabled. */
    static Set<String> cgroup1(String cgroups) {
        Set<String> enabled = new HashSet<>();
        for (String line : cgroups.lines().toList()) {
            String[] cells = line.split("\\s+", -1);
            if (cells.length == 4 && cells[3].equals("1")) {
                enabled.add(cells[0]);
            }
        }
        return enabled;
    }

    private static @Nullable String nested() {
        for (String module : new String[] {"kvm_intel", "kvm_amd"}) {
            String value = read("/sys/module/" + module + "/parameters/nested").strip();
            if (!value.isEmpty()) {
                return value;
            }
        }
        return null;
    }

    /** Each leaves a file where it runs. */
    private static @Nullable String clockKeeper() {
        Map<String, String> files = Map.of(
                "/run/systemd/timesync/synchronized", "systemd-timesyncd",
                "/run/chrony/chronyd.pid", "chrony",
                "/run/chronyd.pid", "chrony",
                "/run/ntpd.pid", "ntpd");
        for (Map.Entry<String, String> file : files.entrySet()) {
            if (Files.exists(Path.of(file.getKey()))) {
                return file.getValue();
            }
        }
        return null;
    }

    private static int entries(String directory) {
        String[] names = new File(directory).list();
        return names == null ? 0 : names.length;
    }

    private static String read(String file) {
        try {
            return Files.readString(Path.of(file));
        } catch (IOException e) {
            return "";
        }
    }
}
