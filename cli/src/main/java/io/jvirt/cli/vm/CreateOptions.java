// SPDX-License-Identifier: Apache-2.0
package io.jvirt.cli.vm;

import io.jvirt.cli.CommandContext;
import io.jvirt.domain.JvirtException;
import io.jvirt.domain.SizeText;
import io.jvirt.domain.cloudinit.CloudInit;
import io.jvirt.domain.create.BootSource;
import io.jvirt.domain.create.CloudInitOption;
import io.jvirt.domain.create.CreateRequest;
import io.jvirt.domain.create.DiskRequest;
import io.jvirt.domain.create.GuestHardware;
import io.jvirt.domain.create.NetworkRequest;
import io.jvirt.domain.create.SystemDevices;
import io.jvirt.domain.image.ImageRequest;
import io.jvirt.domain.image.ImageSource;
import io.jvirt.domain.template.file.MachineTemplate;
import io.jvirt.domain.template.file.TemplateFiles;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/**
 * The options of {@code create} that say what the machine is like: each with its words in the help, which makes this file
 * long.
 */
public final class CreateOptions {
    private static final long MIB = 1L << 20;
    private static final String NONE = "none";

    @Option(
            names = "--template",
            paramLabel = "NAME",
            description = "Start from a template, or from a template's file; the other options win over it."
                    + " 'jvirt template list' shows them.")
    private @Nullable String template;

    @Parameters(index = "0", arity = "0..1", paramLabel = "NAME", description = "The machine's name; as --name.")
    private @Nullable String positionalName;

    @Option(
            names = {"-n", "--name"},
            paramLabel = "NAME",
            description = "The machine's name.")
    private @Nullable String name;

    @Option(
            names = {"--memory", "--ram"},
            paramLabel = "SIZE",
            description = "Memory: 2G; a bare number is in MiB. Default: 2G.")
    private @Nullable String memory;

    @Option(names = "--vcpus", paramLabel = "N", description = "Processors. Default: 2.")
    private @Nullable Integer vcpus;

    @Option(
            names = "--cpu",
            paramLabel = "MODEL[,+FEATURE,-FEATURE]",
            description = "host-model, host-passthrough, maximum or a model. Default: the best that the host can give.")
    private @Nullable String cpu;

    @Option(names = "--machine", paramLabel = "TYPE", description = "Machine type: q35, pc, virt. Default: q35 on x86.")
    private @Nullable String machine;

    @Option(
            names = "--firmware",
            paramLabel = "bios|uefi|uefi-secure",
            description = "Firmware; uefi-secure has Secure Boot on. Default: bios.")
    private @Nullable String firmware;

    @Option(
            names = "--tpm",
            paramLabel = "none|emulator",
            description = "A TPM 2.0 that the host emulates. Default: none.")
    private @Nullable String tpm;

    @Option(
            names = "--disk",
            paramLabel = "SIZE[,KEY=VALUE...]",
            description = "A new disk: 10G[,format=qcow2|raw][,pool=POOL][,path=FILE][,bus=virtio|scsi|sata|ide|usb]"
                    + "[,cache=MODE][,preallocation=off|metadata|falloc|full][,backing_store=IMAGE that it lies on];"
                    + " size=10 is in GiB; none for no disk."
                    + " Again for more.")
    private List<String> disks = new ArrayList<>();

    @Option(names = "--format", paramLabel = "qcow2|raw", description = "Format of the new disks. Default: qcow2.")
    private @Nullable String format;

    @Option(
            names = "--pool",
            paramLabel = "POOL",
            description = "Pool for the new disks. Default: 'default', else the only active one.")
    private @Nullable String pool;

    @Option(names = "--dir", paramLabel = "DIRECTORY", description = "Directory for the new disks, instead of a pool.")
    private @Nullable String directory;

    @Option(
            names = "--preallocation",
            paramLabel = "MODE",
            description =
                    "How much of the new disks is set aside: off, metadata, falloc, full. Default: metadata of qcow2"
                            + " disks up to 128G, which spares the guest waiting for tables; else off.")
    private @Nullable String preallocation;

    @Option(names = "--cdrom", paramLabel = "ISO", description = "Boot from an ISO image while the disk has no system.")
    private @Nullable Path cdrom;

    @Option(
            names = {"-l", "--location"},
            paramLabel = "TREE",
            description = "Start the installer of a directory tree, on the serial console.")
    private @Nullable String location;

    @Option(
            names = {"-x", "--extra-args"},
            paramLabel = "TEXT",
            description = "Arguments for the kernel of --location.")
    private @Nullable String extraArguments;

    @Option(
            names = "--image",
            paramLabel = "FILE|URL",
            description = "Make the first disk from an image: a copy of it. What is fetched from http or https is kept"
                    + " in a cache; .xz and .gz are unpacked.")
    private @Nullable String image;

    @Option(
            names = "--checksum",
            paramLabel = "sha256:HEX|none",
            description = "With --image: what its checksum must be (sha256, sha384, sha512), or none for no comparison."
                    + " Default for a URL: that of SHA256SUMS, SHA512SUMS or CHECKSUM beside it, where there is one.")
    private @Nullable String checksum;

    @Option(
            names = "--checksum-file",
            paramLabel = "FILE|URL",
            description = "With --image: the list that has its checksum: SHA256SUMS, or IMAGE.CHECKSUM of Fedora.")
    private @Nullable String checksumFile;

    @Option(names = "--backed", description = "With --image: lie on top of it instead of copying; it must stay.")
    private boolean isBacked;

    @Option(
            names = "--import",
            paramLabel = "DISK",
            description = "Use a disk as it is. It is never removed by a failure.")
    private @Nullable Path importedDisk;

    @Option(names = "--pxe", description = "Boot from the network while the disk has no system.")
    private boolean isPxe;

    @Option(
            names = {"-w", "--network"},
            paramLabel = "NAME|bridge=BR|none",
            description = "A network card: default, bridge=br0, user, none [,model=MODEL][,mac=MAC]. Again for more."
                    + " Default: default.")
    private List<String> networks = new ArrayList<>();

    @Option(
            names = "--graphics",
            paramLabel = "none|vnc|spice",
            description = "A display, reachable from the host only. Default: none, with --cdrom vnc.")
    private @Nullable String graphics;

    @Option(
            names = "--video",
            paramLabel = "MODEL",
            description = "The display's adapter: virtio, qxl, vga, bochs, none. Default: the best that there is.")
    private @Nullable String video;

    @Option(
            names = "--os-variant",
            paramLabel = "ID",
            description =
                    "The guest's system as libosinfo names it: debian12. It is kept in the definition, and what the"
                            + " database knows of its drivers decides about the devices that are not said.")
    private @Nullable String osVariant;

    @Option(
            names = "--cloud-init",
            paramLabel = "KEY=VALUE,...",
            description = "What a cloud image is told at its first boot: ssh-key=FILE|KEY, password=TEXT|HASH (only the"
                    + " hash is told), hostname=NAME, user-data=FILE, meta-data=FILE, network-config=FILE. Again for more"
                    + " keys.")
    private List<String> cloudInit = new ArrayList<>();

    @Option(names = "--title", paramLabel = "TEXT", description = "A short title.")
    private @Nullable String title;

    @Option(names = "--description", paramLabel = "TEXT", description = "A description.")
    private @Nullable String description;

    @Option(names = "--autostart", description = "Start it with the host.")
    private boolean isAutostart;

    @Option(
            names = "--start",
            negatable = true,
            description = "Start it now, or do not. Default: if there is something to boot from.")
    private @Nullable Boolean start;

    /** The template that was asked for, or null. */
    @Nullable
    MachineTemplate template(CommandContext context) throws IOException {
        return template == null ? null : new TemplateFiles(context::environment).load(template);
    }

    CreateRequest request(@Nullable MachineTemplate from) throws IOException {
        Long fromMemory = from == null ? null : from.memoryBytes();
        Integer fromVcpus = from == null ? null : from.vcpus();
        return new CreateRequest(
                chosenName(),
                diskRequests(from),
                format == null ? null : DiskRequest.format(format),
                pool,
                chosenDirectory(),
                preallocation == null ? null : DiskRequest.preallocation(preallocation),
                memory == null
                        ? fromMemory == null ? CreateRequest.DEFAULT_MEMORY_BYTES : fromMemory
                        : SizeText.parse(memory, "the memory", MIB),
                vcpus == null ? fromVcpus == null ? CreateRequest.DEFAULT_VCPUS : fromVcpus : vcpus,
                or(cpu, from, "cpu"),
                or(machine, from, "machine"),
                hardware(from),
                networkRequests(from),
                chosenGraphics(from),
                source(from),
                extraArguments,
                or(osVariant, from, "os"),
                title,
                description,
                isAutostart,
                start,
                chosenCloudInit(from));
    }

    /** An option's value, else the template's. */
    private static @Nullable String or(@Nullable String given, @Nullable MachineTemplate from, String key) {
        return given != null || from == null ? given : from.text(key);
    }

    private GuestHardware hardware(@Nullable MachineTemplate from) {
        String chosenFirmware = or("efi".equals(firmware) ? GuestHardware.UEFI : firmware, from, "firmware");
        if (chosenFirmware == null) {
            chosenFirmware = GuestHardware.BIOS;
        }
        if (!GuestHardware.FIRMWARES.contains(chosenFirmware)) {
            throw JvirtException.usage(
                    "the firmware cannot be '" + chosenFirmware + "'",
                    "it is one of " + String.join(", ", GuestHardware.FIRMWARES));
        }
        String chosenTpm = or(tpm, from, "tpm");
        if (chosenTpm != null && !List.of(NONE, "emulator").contains(chosenTpm)) {
            throw JvirtException.usage("--tpm cannot be '" + chosenTpm + "'", "it is none or emulator");
        }
        return new GuestHardware(
                chosenFirmware,
                "emulator".equals(chosenTpm),
                or(video, from, "video"),
                from != null && "localtime".equals(from.text("clock")),
                from != null && from.hyperv(),
                from == null ? null : from.path("drivers"),
                // Other firmware has other variables.
                from != null && chosenFirmware.equals(from.text("firmware")) ? from.path("nvram") : null,
                from == null ? SystemDevices.UNKNOWN : from.devices());
    }

    private @Nullable CloudInit chosenCloudInit(@Nullable MachineTemplate from) throws IOException {
        CloudInit given = cloudInit.isEmpty() ? null : CloudInitOption.parse(cloudInit);
        // A machine that is not started has no first boot yet to be told anything at.
        CloudInit known = from == null || Boolean.FALSE.equals(start) ? null : from.cloudInit();
        return given == null || known == null ? given == null ? known : given : given.over(known);
    }

    private String chosenName() {
        if (name != null && positionalName != null) {
            throw JvirtException.usage("two names: '" + name + "' and '" + positionalName + "'", "give one of them");
        }
        String chosen = name == null ? positionalName : name;
        if (chosen == null) {
            throw JvirtException.usage("the machine has no name", "jvirt create --name web --disk 10G");
        }
        return chosen;
    }

    /** The n-th --disk is laid over the template's n-th: {@code --disk 50G} makes the system's disk larger. */
    private List<DiskRequest> diskRequests(@Nullable MachineTemplate from) {
        List<DiskRequest> known = new ArrayList<>();
        List<DiskRequest> templates = from == null ? null : from.disks();
        if (templates != null && !disks.contains(NONE)) {
            // What is said for all disks wins too.
            templates.forEach(d -> known.add(d.without(format, pool != null || directory != null, preallocation)));
        }
        if (importedDisk != null && !known.isEmpty()) {
            // It is the system's disk itself.
            known.remove(0);
        }
        List<DiskRequest> requests = new ArrayList<>();
        for (String disk : disks) {
            if (!disk.equals(NONE)) {
                DiskRequest given = DiskRequest.parse(disk);
                requests.add(known.isEmpty() ? given : given.over(known.remove(0)));
            } else if (disks.size() > 1) {
                throw JvirtException.usage("--disk none does not go with another --disk", "leave one of them out");
            }
        }
        requests.addAll(known);
        return requests;
    }

    private @Nullable String chosenDirectory() {
        if (directory != null && pool != null) {
            throw JvirtException.usage("--pool and --dir do not go together", "leave one of them out");
        }
        return directory;
    }

    private @Nullable List<NetworkRequest> networkRequests(@Nullable MachineTemplate from) {
        List<NetworkRequest> known = from == null ? null : from.networks();
        if (networks.isEmpty()) {
            return known;
        }
        List<NetworkRequest> requests = new ArrayList<>();
        for (String network : networks) {
            if (!network.equals(NONE)) {
                NetworkRequest given = NetworkRequest.parse(network);
                int at = requests.size();
                requests.add(known != null && at < known.size() ? given.withModelOf(known.get(at)) : given);
            } else if (networks.size() > 1) {
                throw JvirtException.usage(
                        "--network none does not go with another --network", "leave one of them out");
            }
        }
        return requests;
    }

    private @Nullable String chosenGraphics(@Nullable MachineTemplate from) {
        if (graphics != null && !List.of(NONE, "vnc", "spice").contains(graphics)) {
            throw JvirtException.usage("--graphics cannot be '" + graphics + "'", "it is none, vnc or spice");
        }
        return or(graphics, from, "graphics");
    }

    private BootSource imageSource(ImageRequest request) throws IOException {
        if (ImageSource.isPlainFile(request)) {
            return new BootSource.Image(Path.of(request.location()), isBacked);
        }
        if (isBacked) {
            throw JvirtException.usage(
                    "--backed needs an image that stays as it is, and what jvirt fetches, compares or unpacks does not",
                    "leave --backed out, or make a file of it first: jvirt image pull");
        }
        return new BootSource.Fetched(request);
    }

    private ImageRequest fromTemplate(MachineTemplate from, String fromImage) {
        if (checksum != null || checksumFile != null) {
            return new ImageRequest(fromImage, checksum, checksumFile);
        }
        String own = from.text("checksum");
        return new ImageRequest(fromImage, own, own == null ? from.place("checksums") : null);
    }

    private BootSource source(@Nullable MachineTemplate from) throws IOException {
        String fromImage = from == null ? null : from.place("image");
        List<BootSource> given = new ArrayList<>();
        if (cdrom != null) {
            given.add(new BootSource.Cdrom(cdrom));
        }
        if (location != null) {
            given.add(new BootSource.Location(location));
        }
        if (isPxe) {
            given.add(new BootSource.Pxe());
        }
        if (importedDisk != null) {
            given.add(new BootSource.Import(importedDisk));
        }
        if (image != null) {
            given.add(imageSource(new ImageRequest(image, checksum, checksumFile)));
        } else if (given.isEmpty() && from != null && fromImage != null) {
            given.add(imageSource(fromTemplate(from, fromImage)));
        } else if (isBacked) {
            throw JvirtException.usage("--backed needs an image", "add --image FILE");
        } else if (checksum != null || checksumFile != null) {
            throw JvirtException.usage("--checksum and --checksum-file are for an image", "add --image FILE|URL");
        }
        if (extraArguments != null && location == null) {
            throw JvirtException.usage("--extra-args needs --location", "add --location TREE");
        }
        if (given.size() > 1) {
            throw JvirtException.usage(
                    "--cdrom, --location, --pxe, --import and --image exclude each other", "give one of them");
        }
        Path fromCdrom = from == null ? null : from.path("cdrom");
        if (given.isEmpty() && fromCdrom != null) {
            return new BootSource.Cdrom(fromCdrom);
        }
        return given.isEmpty() ? new BootSource.Nothing() : given.get(0);
    }
}
