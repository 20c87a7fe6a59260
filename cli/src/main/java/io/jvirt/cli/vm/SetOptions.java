// SPDX-License-Identifier: Apache-2.0
package io.jvirt.cli.vm;

import io.jvirt.domain.JvirtException;
import io.jvirt.domain.SizeText;
import io.jvirt.domain.change.BootChange;
import io.jvirt.domain.change.Change;
import io.jvirt.domain.change.CpuChange;
import io.jvirt.domain.change.DeviceChanges;
import io.jvirt.domain.change.DiskChanges;
import io.jvirt.domain.change.MemoryChange;
import io.jvirt.domain.change.NamedFiles;
import io.jvirt.domain.change.TextChange;
import io.jvirt.domain.change.VcpuChange;
import io.jvirt.domain.create.CpuModels;
import io.jvirt.domain.create.GuestMemory;
import io.jvirt.domain.libvirt.Host;
import io.jvirt.domain.xml.DomainXml;
import io.jvirt.domain.xml.device.Disk;
import java.io.IOException;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.function.Consumer;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** What {@code jvirt set} can change. */
final class SetOptions {
    private static final long MIB = 1L << 20;

    @Option(
            names = "--memory",
            paramLabel = "SIZE",
            description = "Memory: 2G; a bare number is in MiB. A running guest gives back or gets up to its maximum.")
    private @Nullable String memory;

    @Option(names = "--max-memory", paramLabel = "SIZE", description = "What --memory can give it while it runs.")
    private @Nullable String maximumMemory;

    @Option(names = "--vcpus", paramLabel = "N", description = "Processors.")
    private @Nullable Integer vcpus;

    @Option(names = "--max-vcpus", paramLabel = "N", description = "What --vcpus can give it while it runs.")
    private @Nullable Integer maximumVcpus;

    @Option(
            names = "--cpu",
            paramLabel = "MODEL[,+FEATURE,-FEATURE]",
            description = "host-model, host-passthrough, maximum or a model.")
    private @Nullable String cpu;

    @Option(
            names = "--boot",
            paramLabel = "DEVICE[,DEVICE...]",
            description = "Boot order: hd, cdrom, network, fd; or disks by target and network cards by MAC address.")
    private @Nullable String boot;

    @Option(names = "--title", paramLabel = "TEXT", description = "A short title; empty for none.")
    private @Nullable String title;

    @Option(names = "--description", paramLabel = "TEXT", description = "A description; empty for none.")
    private @Nullable String description;

    @Option(
            names = "--graphics",
            paramLabel = "none|vnc|spice",
            description = "The display: [,listen=ADDRESS][,port=N][,password=TEXT]; what is not said stays.")
    private @Nullable String graphics;

    @Option(
            names = "--add-disk",
            paramLabel = "FILE|SIZE[,KEY=VALUE...]",
            description =
                    "A disk that is there, or a new one of a size: [,pool=POOL][,path=FILE][,preallocation=MODE]. Both: [,target=vdb][,bus=BUS][,format=qcow2|raw][,cache=MODE][,discard=unmap]"
                            + "[,io=MODE][,device=disk|cdrom][,readonly=yes][,shareable=yes][,serial=TEXT]. pool=,volume= names a volume."
                            + " Without format a file is qcow2 where its name ends so, else raw.")
    private List<String> addedDisks = new ArrayList<>();

    @Option(
            names = "--remove-disk",
            paramLabel = "TARGET[,file=trash]",
            description = "Unplug a disk; its file stays, or goes into the trash, from which undelete brings it back.")
    private List<String> removedDisks = new ArrayList<>();

    @Option(
            names = "--resize-disk",
            paramLabel = "TARGET=SIZE",
            description = "Make a disk larger. The guest grows its partitions and file systems itself.")
    private List<String> grownDisks = new ArrayList<>();

    @Option(
            names = "--disk",
            paramLabel = "TARGET,KEY=VALUE...",
            description = "Change a disk: cache=MODE, discard=ignore|unmap, io=MODE, detect_zeroes=MODE,"
                    + " error_policy=MODE.")
    private List<String> disks = new ArrayList<>();

    @Option(names = "--medium", paramLabel = "TARGET=FILE", description = "Put a medium into a CD-ROM or floppy drive.")
    private List<String> media = new ArrayList<>();

    @Option(names = "--eject", paramLabel = "TARGET", description = "Take the medium out of a drive.")
    private List<String> ejected = new ArrayList<>();

    @Option(
            names = "--add-network",
            paramLabel = "NAME|bridge=BR|user",
            description = "A network card: [,model=MODEL][,mac=MAC].")
    private List<String> addedNetworks = new ArrayList<>();

    @Option(
            names = "--remove-network",
            paramLabel = "MAC|N",
            description = "Unplug a network card, by its MAC address or its number from 1.")
    private List<String> removedNetworks = new ArrayList<>();

    @Option(
            names = "--network",
            paramLabel = "MAC|N,KEY=VALUE...",
            description = "Change a network card: source=NAME, bridge=BR, model=MODEL, link=up|down.")
    private List<String> networks = new ArrayList<>();

    @Option(
            names = "--add-filesystem",
            paramLabel = "DIRECTORY,TAG",
            description =
                    "Share a directory with the guest (9p): [,readonly], or [,driver=virtiofs]; it mounts the tag.")
    private List<String> addedFilesystems = new ArrayList<>();

    @Option(names = "--remove-filesystem", paramLabel = "TAG", description = "Share a directory no longer.")
    private List<String> removedFilesystems = new ArrayList<>();

    @Option(
            names = "--add-device",
            paramLabel = "pci:ADDRESS|usb:ID",
            description = "Give a device of the host to the guest: pci:0000:01:00.0, usb:1234:abcd.")
    private List<String> addedDevices = new ArrayList<>();

    @Option(names = "--remove-device", paramLabel = "pci:ADDRESS|usb:ID", description = "Take it back.")
    private List<String> removedDevices = new ArrayList<>();

    private boolean isEmpty = true;

    /** Whether {@link #changes} found none; it is asked after that. */
    boolean isEmpty() {
        return isEmpty;
    }

    /**
     * In the order in which they make sense: what is removed makes room for what is added.
     *
     * @param seen of the machine that runs, where that is to change; else the definition again
     */
    List<Change> changes(Host host, DomainXml definition, DomainXml seen, Consumer<String> notes) throws IOException {
        List<Change> changes = new ArrayList<>();
        if (maximumMemory != null && memory != null && bytes(memory) > bytes(maximumMemory)) {
            throw JvirtException.usage(
                    "--memory " + memory + " is more than --max-memory " + maximumMemory,
                    "leave --max-memory out: it grows with --memory");
        }
        if (maximumMemory != null) {
            changes.add(new MemoryChange(bytes(maximumMemory), true));
        }
        if (memory != null) {
            changes.add(new MemoryChange(bytes(memory), false));
        }
        if (maximumVcpus != null) {
            changes.add(new VcpuChange(count("--max-vcpus", maximumVcpus), true));
        }
        if (vcpus != null) {
            changes.add(new VcpuChange(count("--vcpus", vcpus), false));
        }
        if (cpu != null) {
            CpuModels.check(host, definition, cpu);
            changes.add(new CpuChange(cpu));
        }
        if (title != null) {
            changes.add(new TextChange(title, true));
        }
        if (description != null) {
            changes.add(new TextChange(description, false));
        }
        if (graphics != null) {
            changes.add(DeviceChanges.graphics(graphics));
        }
        addAll(changes, removedDisks, DiskChanges::remove);
        addAll(changes, removedNetworks, card -> DeviceChanges.removeNetwork(card, seen));
        addAll(changes, removedFilesystems, DeviceChanges::removeFilesystem);
        addAll(changes, removedDevices, DeviceChanges::removeHostDevice);
        Set<String> targets = new HashSet<>();
        seen.disks().forEach(disk -> targets.add(disk.get(Disk.TARGET, "")));
        NamedFiles files = new NamedFiles(host);
        for (String text : addedDisks) {
            changes.add(DiskChanges.add(host, text, definition, targets, files, notes));
        }
        addAll(changes, addedNetworks, DeviceChanges::addNetwork);
        addAll(changes, addedFilesystems, text -> {
            Change shared = DeviceChanges.addFilesystem(text);
            files.directory(text.substring(0, text.indexOf(',')));
            return shared;
        });
        addAll(changes, addedDevices, DeviceChanges::addHostDevice);
        addAll(changes, disks, DiskChanges::settings);
        addAll(changes, ejected, target -> DiskChanges.medium(target, null));
        addAll(changes, media, text -> DiskChanges.medium(left("--medium", text), files.medium(right(text))));
        addAll(changes, networks, text -> DeviceChanges.network(text, seen));
        if (boot != null) {
            changes.add(new BootChange(List.of(boot.split(",", -1))));
        }
        addAll(changes, grownDisks, text -> DiskChanges.grow(left("--resize-disk", text), right(text)));
        isEmpty = changes.isEmpty();
        return changes;
    }

    private static void addAll(List<Change> changes, List<String> texts, Function<String, Change> parse) {
        for (String text : texts) {
            changes.add(parse.apply(text));
        }
    }

    private static long bytes(String text) {
        long bytes = SizeText.parse(text, "the memory", MIB);
        GuestMemory.check(bytes);
        return bytes / 1024 * 1024;
    }

    private static int count(String option, int count) {
        if (count < 1) {
            throw JvirtException.usage(option + " cannot be " + count, "a machine has at least one processor");
        }
        return count;
    }

    private static String left(String option, String text) {
        int equals = text.indexOf('=');
        if (equals <= 0 || equals == text.length() - 1) {
            throw JvirtException.usage(
                    option + " '" + text + "' is not TARGET=VALUE",
                    "a target is the disk's name: vda, sda; see jvirt info");
        }
        return text.substring(0, equals);
    }

    private static String right(String text) {
        return text.substring(text.indexOf('=') + 1);
    }
}
