// SPDX-License-Identifier: Apache-2.0
package io.jvirt.cli.vm;

import io.jvirt.cli.CommandContext;
import io.jvirt.domain.JvirtException;
import io.jvirt.domain.SizeText;
import io.jvirt.domain.cloudinit.CloudInit;
import io.jvirt.domain.create.CloudInitOption;
import io.jvirt.domain.create.CreateRequest;
import io.jvirt.domain.create.GuestHardware;
import io.jvirt.domain.create.NetworkRequest;
import io.jvirt.domain.create.SystemDevices;
import io.jvirt.domain.template.file.MachineTemplate;
import io.jvirt.domain.template.file.TemplateFiles;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** The options of {@code create} that say what the machine is like; those of a template stand where nothing is said. */
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

    @Mixin
    private DiskOptions disks = new DiskOptions();

    @Mixin
    private BootOptions boot = new BootOptions();

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
                disks.requests(from, boot.importsDisk()),
                disks.format(),
                disks.pool(),
                disks.directory(),
                disks.preallocation(),
                memory == null
                        ? fromMemory == null ? CreateRequest.DEFAULT_MEMORY_BYTES : fromMemory
                        : SizeText.parse(memory, "the memory", MIB),
                vcpus == null ? fromVcpus == null ? CreateRequest.DEFAULT_VCPUS : fromVcpus : vcpus,
                or(cpu, from, "cpu"),
                or(machine, from, "machine"),
                hardware(from),
                networkRequests(from),
                chosenGraphics(from),
                boot.source(from),
                boot.extraArguments(),
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
}
