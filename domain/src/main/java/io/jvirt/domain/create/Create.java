// SPDX-License-Identifier: Apache-2.0
package io.jvirt.domain.create;

import io.jvirt.domain.Cancellation;
import io.jvirt.domain.DomainName;
import io.jvirt.domain.JvirtException;
import io.jvirt.domain.ShellWord;
import io.jvirt.domain.journal.Journal;
import io.jvirt.domain.journal.Operation;
import io.jvirt.domain.journal.Step;
import io.jvirt.domain.libvirt.Domain;
import io.jvirt.domain.libvirt.Host;
import io.jvirt.domain.step.AutostartStep;
import io.jvirt.domain.step.DefineStep;
import io.jvirt.domain.step.StartStep;
import io.jvirt.domain.step.StepDomain;
import io.jvirt.domain.xml.DomainXml;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/** The verb {@code create}. */
public final class Create {
    private static final String SERIAL_CONSOLE = "console=ttyS0,115200n8";

    private final Host host;
    private final Journal journal;

    public Create(Host host, Journal journal) {
        this.host = host;
        this.journal = journal;
    }

    /** Checks everything and changes nothing. */
    public CreatePlan plan(CreateRequest request) throws IOException {
        List<String> notes = new ArrayList<>();
        DomainName.check(request.name());
        refuseNameInUse(request.name());
        journal.refuseOthers(host.uri(), List.of(request.name()));
        HostFacts facts = HostFacts.of(host, request.machine());
        if (facts.note() != null) {
            notes.add(facts.note());
        }
        checkMachine(request, facts);
        String osId = request.osVariant() == null ? null : OsVariant.idOf(request.osVariant());
        SystemDevices devices = SystemDevices.of(osId).or(request.hardware().fallback());
        DiskPlanner diskPlanner = new DiskPlanner(host, facts, request, devices, notes);
        if (request.source() instanceof BootSource.Cdrom cdrom) {
            QemuAccess.check(host, diskPlanner.existing(cdrom.iso(), "ISO image"), notes);
        }
        Path drivers = drivers(request, notes);
        InstallTree tree = null;
        if (request.source() instanceof BootSource.Location location) {
            tree = InstallTree.find(location.tree(), facts.arch());
        }
        List<NetworkRequest> networks = new NetworkCheck(host, facts, devices).plan(request);
        List<PlannedDisk> disks = diskPlanner.plan();
        String graphics = graphics(request, facts);
        String uuid = UUID.randomUUID().toString();
        DomainXml xml = MachineXml.build(
                request,
                facts,
                uuid,
                disks,
                networks,
                new MachineXml.Choices(osId, graphics, video(request, facts, devices), drivers));
        boolean starts = request.start() == null ? request.canBoot() : request.start();
        if (request.cloudInit() != null) {
            checkCloudInit(request, starts);
        }
        List<Step> steps = steps(request, xml, uuid, disks, tree, graphics, starts);
        return new CreatePlan(
                request.name(),
                uuid,
                xml.text(),
                disks,
                networks,
                steps,
                notes,
                starts,
                tree != null,
                !(request.source() instanceof BootSource.Fetched));
    }

    private void refuseNameInUse(String name) {
        try (Domain there = host.domainNamed(name)) {
            if (there != null) {
                throw JvirtException.failed(
                        "the name '" + name + "' is in use on " + host.uri(),
                        "choose another name, or look at it: jvirt info " + ShellWord.quoted(name));
            }
        }
    }

    static void checkMachine(CreateRequest request, HostFacts facts) {
        GuestMemory.check(request.memoryBytes());
        if (request.vcpus() < 1) {
            throw JvirtException.usage("a machine needs at least one processor", "write --vcpus 2");
        }
        if (facts.maxVcpus() > 0 && request.vcpus() > facts.maxVcpus()) {
            throw JvirtException.usage(
                    request.vcpus() + " processors are more than the " + facts.maxVcpus() + " that machine type '"
                            + facts.machine() + "' can have",
                    "give fewer --vcpus");
        }
        if (request.hardware().isUefi() && !facts.hasUefi()) {
            throw JvirtException.failed(
                    "there is no UEFI firmware for machine type '" + facts.machine() + "' on this host",
                    "install it (Debian: apt install ovmf, Fedora: dnf install edk2-ovmf), or use --firmware bios");
        }
        checkHardware(request.hardware(), facts);
        if (request.disks().isEmpty() && request.source() instanceof BootSource.Nothing) {
            throw JvirtException.usage(
                    "there is neither a disk nor anything to boot from",
                    "jvirt create --name " + ShellWord.quoted(request.name()) + " --disk 10G");
        }
        if (request.source() instanceof BootSource.Location && Boolean.FALSE.equals(request.start())) {
            throw JvirtException.usage(
                    "--location installs by starting the machine and does not go with --no-start",
                    "leave one of them out");
        }
        if (request.source() instanceof BootSource.Pxe
                && request.networks() != null
                && request.networks().isEmpty()) {
            throw JvirtException.usage("--pxe needs a network", "leave --network none out");
        }
    }

    private static void checkHardware(GuestHardware hardware, HostFacts facts) {
        if (hardware.isSecure() && !facts.hasSecureBoot()) {
            throw JvirtException.failed(
                    "there is no UEFI firmware with Secure Boot for machine type '" + facts.machine()
                            + "' on this host",
                    "install it (Debian: apt install ovmf, Fedora: dnf install edk2-ovmf), or use --firmware uefi");
        }
        if (hardware.tpm() && !facts.hasTpmEmulator()) {
            throw JvirtException.failed(
                    "the machine is to have a TPM, and there is no emulator for one on this host",
                    "install it (Debian: apt install swtpm swtpm-tools, Fedora: dnf install swtpm), or use --tpm none");
        }
    }

    private void checkCloudInit(CreateRequest request, boolean starts) {
        if (host.isRemote()) {
            throw JvirtException.failed(
                    "the cloud-init seed can only be made on the host itself, and " + host.uri() + " is another one",
                    "run jvirt on that host");
        }
        if (!starts) {
            throw JvirtException.usage(
                    "--cloud-init is for the first boot, and the machine is not started",
                    "leave --no-start out, and give it something to boot from: --image FILE");
        }
        if (request.source() instanceof BootSource.Location) {
            throw JvirtException.usage(
                    "--cloud-init does not go with --location", "an installer has its own way to be told");
        }
    }

    private @Nullable Path drivers(CreateRequest request, List<String> notes) throws IOException {
        Path drivers = request.hardware().drivers();
        if (drivers == null) {
            return null;
        }
        if (host.isRemote() || !Files.isRegularFile(drivers)) {
            notes.add("the drive for the drivers is left out: " + drivers + " is not there"
                    + (host.isRemote() ? " on this machine" : ""));
            return null;
        }
        QemuAccess.check(host, drivers, notes);
        return drivers;
    }

    /** What was asked for; else what the guest's system can and QEMU here has; else the best that QEMU has. */
    static String video(CreateRequest request, HostFacts facts, SystemDevices devices) {
        String asked = request.hardware().video();
        if (asked != null) {
            if (!asked.equals("none") && !facts.hasVideo(asked)) {
                throw JvirtException.usage(
                        "QEMU on this host has no video adapter '" + asked + "'",
                        "leave --video out for the best that it has");
            }
            return asked;
        }
        String known = devices.video();
        return known != null && facts.hasVideo(known) ? known : facts.videoModel();
    }

    /** A display only where the way in is made for one. */
    static String graphics(CreateRequest request, HostFacts facts) {
        String asked = request.graphics();
        String graphics = asked != null ? asked : request.source() instanceof BootSource.Cdrom ? "vnc" : "none";
        if (!graphics.equals("none") && !facts.hasGraphics(graphics)) {
            throw JvirtException.usage("QEMU on this host has no " + graphics, "use --graphics vnc or none");
        }
        return graphics;
    }

    private List<Step> steps(
            CreateRequest request,
            DomainXml xml,
            String uuid,
            List<PlannedDisk> disks,
            @Nullable InstallTree tree,
            String graphics,
            boolean starts)
            throws IOException {
        List<Step> steps = new ArrayList<>();
        for (PlannedDisk disk : disks) {
            if (disk.step() != null) {
                steps.add(disk.step());
            }
        }
        Path nvram = request.hardware().nvram();
        if (nvram != null && request.hardware().isUefi()) {
            steps.add(FirmwareVariables.ofTemplate(host, nvram, request.name()));
        }
        InstallFiles install = tree == null ? null : InstallFiles.of(host, request.pool(), tree);
        if (install != null) {
            steps.addAll(install.stage());
        }
        steps.add(new DefineStep(request.name(), uuid, xml.text()));
        if (request.autostart()) {
            steps.add(new AutostartStep(new StepDomain(request.name(), uuid)));
        }
        if (request.cloudInit() != null) {
            steps.addAll(FirstBoot.steps(host, xml, request.cloudInit().files(request.name(), uuid)));
            return steps;
        }
        if (install != null) {
            String xmlOnce = MachineXml.install(xml, install.kernel(), install.initrd(), arguments(request, graphics));
            steps.add(new StartStep(new StepDomain(request.name(), uuid), xmlOnce));
            steps.addAll(install.unstage());
        } else if (starts) {
            steps.add(new StartStep(new StepDomain(request.name(), uuid), null));
        }
        return steps;
    }

    private static @Nullable String arguments(CreateRequest request, String graphics) {
        String extra = request.extraArguments();
        boolean serial = graphics.equals("none") && (extra == null || !extra.contains("console="));
        if (extra == null) {
            return serial ? SERIAL_CONSOLE : null;
        }
        return serial ? SERIAL_CONSOLE + " " + extra : extra;
    }

    /** Performs a plan. After a failure nothing is left, or an entry in the journal says what. */
    public CreatedDomain perform(CreatePlan plan, Cancellation cancellation, Operation.Listener listener)
            throws Exception {
        if (!plan.canBePerformed()) {
            throw new IllegalStateException("the image is not here: " + plan.name());
        }
        try (Operation operation =
                journal.begin("create", host.uri(), List.of(plan.name(), plan.uuid()), plan.steps())) {
            operation.perform(host, cancellation, listener);
        }
        return plan.result();
    }
}
