// SPDX-License-Identifier: Apache-2.0
package io.jvirt.domain.clone;

import io.jvirt.domain.Cancellation;
import io.jvirt.domain.DomainName;
import io.jvirt.domain.JvirtException;
import io.jvirt.domain.ShellWord;
import io.jvirt.domain.cloudinit.CloudInit;
import io.jvirt.domain.create.FirmwareVariables;
import io.jvirt.domain.create.FirstBoot;
import io.jvirt.domain.create.SpaceNeeds;
import io.jvirt.domain.delete.DomainStateFiles;
import io.jvirt.domain.journal.Journal;
import io.jvirt.domain.journal.Operation;
import io.jvirt.domain.journal.Step;
import io.jvirt.domain.libvirt.Domain;
import io.jvirt.domain.libvirt.Host;
import io.jvirt.domain.libvirt.StatePlaces;
import io.jvirt.domain.metadata.TemplateMark;
import io.jvirt.domain.metadata.VmMetadata;
import io.jvirt.domain.step.DefineStep;
import io.jvirt.domain.step.ProtectBaseStep;
import io.jvirt.domain.step.SetAsideStep;
import io.jvirt.domain.step.StartStep;
import io.jvirt.domain.step.StepDomain;
import io.jvirt.domain.step.SysprepStep;
import io.jvirt.domain.xml.DomainXml;
import io.jvirt.domain.xml.device.Disk;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/** The verb {@code clone}. */
public final class Clone {
    private static final int MOST_CLONES = 1000;

    private final Host host;
    private final Journal journal;

    public Clone(Host host, Journal journal) {
        this.host = host;
        this.journal = journal;
    }

    /** Checks everything and changes nothing. */
    public ClonePlan plan(CloneRequest request) throws IOException {
        List<String> names = names(request);
        Path sysprep = SysprepStep.find(System.getenv("PATH"));
        IdentityReset identity = request.identity().resolved(request.starts(), sysprep != null);
        if (identity != IdentityReset.NONE) {
            checkIdentityReset(request, identity, sysprep);
        }
        try (Domain source = host.findDomain(request.source())) {
            List<String> journalNames = new ArrayList<>(names);
            journalNames.add(source.name());
            journalNames.add(source.uuid());
            journal.refuseOthers(host.uri(), journalNames);
            boolean isRunning = source.isActive();
            refuseUnsettled(source, request);
            for (String name : names) {
                refuseTaken(name);
            }
            List<String> notes = new ArrayList<>();
            String xml = source.inactiveXmlWithSecrets();
            DomainXml definition = DomainXml.parse(xml);
            boolean isTemplate = TemplateMark.of(VmMetadata.in(definition)) != null;
            List<SourceDisk> disks =
                    new SourceDisks(host, request, source.uuid(), isTemplate, isRunning, notes).of(definition);
            SetAsideStep aside = isRunning ? RunningSource.setAside(source, disks) : null;
            return new Planning(request, source, xml, isTemplate, disks, aside, identity, sysprep, notes)
                    .plan(names, journalNames);
        }
    }

    /** Performs a plan. After a failure nothing is left, or an entry in the journal says what. */
    public List<ClonedDomain> perform(ClonePlan plan, Cancellation cancellation, Operation.Listener listener)
            throws Exception {
        try (Operation operation = journal.begin("clone", host.uri(), plan.journalNames(), plan.steps())) {
            operation.perform(host, cancellation, listener);
        }
        return plan.clones();
    }

    private static List<String> names(CloneRequest request) {
        Integer count = request.count();
        if (count == null) {
            return List.of(DomainName.check(request.name()));
        }
        if (count < 1 || count > MOST_CLONES) {
            throw JvirtException.usage("--count cannot be " + count, "give a number from 1 to " + MOST_CLONES);
        }
        int digits = Math.max(2, Integer.toString(count).length());
        List<String> names = new ArrayList<>();
        for (int i = 1; i <= count; i++) {
            names.add(DomainName.check(request.name() + "-" + String.format("%0" + digits + "d", i)));
        }
        return names;
    }

    private void checkIdentityReset(CloneRequest request, IdentityReset identity, @Nullable Path sysprep) {
        if (identity == IdentityReset.SYSPREP && sysprep == null) {
            throw JvirtException.failed(
                    "virt-sysprep is not installed",
                    "install it (Debian: apt install guestfs-tools, Fedora: dnf install guestfs-tools), or for a guest"
                            + " with cloud-init: --reset-identity --identity-by cloud-init --start");
        }
        if (identity == IdentityReset.CLOUD_INIT && !request.starts()) {
            throw JvirtException.usage(
                    "--reset-identity is done at the clone's first boot, and it is not started",
                    "add --start; with virt-sysprep (guestfs-tools) it is done without a start");
        }
        if (host.isRemote()) {
            throw JvirtException.failed(
                    "the identity can only be reset on the host itself, and " + host.uri() + " is another one",
                    "run jvirt on that host");
        }
    }

    private void refuseUnsettled(Domain source, CloneRequest request) {
        if (source.isActive()) {
            RunningSource.check(host, source, request);
        }
        if (DomainStateFiles.hasSavedState(host, source)) {
            throw JvirtException.refused(
                    "domain '" + source.name() + "' has saved memory: its disks are in the middle of its work",
                    "jvirt start " + ShellWord.quoted(source.name()) + ", then jvirt stop "
                            + ShellWord.quoted(source.name()));
        }
    }

    private void refuseTaken(String name) {
        try (Domain there = host.domainNamed(name)) {
            if (there != null) {
                throw JvirtException.failed(
                        "the name '" + name + "' is in use on " + host.uri(),
                        "choose another name, or look at it: jvirt info " + ShellWord.quoted(name));
            }
        }
    }

    /** One plan in the making. */
    private final class Planning {
        private final CloneRequest request;
        private final Domain source;
        private final String sourceXml;
        private final boolean isTemplate;
        private final List<SourceDisk> disks;
        private final @Nullable SetAsideStep aside;
        private final IdentityReset identity;
        private final @Nullable Path sysprep;
        private final List<String> notes;
        private final List<Step> steps = new ArrayList<>();
        private final SpaceNeeds space = new SpaceNeeds();

        Planning(
                CloneRequest request,
                Domain source,
                String sourceXml,
                boolean isTemplate,
                List<SourceDisk> disks,
                @Nullable SetAsideStep aside,
                IdentityReset identity,
                @Nullable Path sysprep,
                List<String> notes) {
            this.request = request;
            this.source = source;
            this.sourceXml = sourceXml;
            this.isTemplate = isTemplate;
            this.disks = disks;
            this.aside = aside;
            this.identity = identity;
            this.sysprep = sysprep;
            this.notes = notes;
        }

        ClonePlan plan(List<String> names, List<String> journalNames) throws IOException {
            protectBases();
            if (aside != null) {
                steps.add(aside);
            }
            MacAddresses addresses = MacAddresses.of(host);
            List<ClonedDomain> clones = new ArrayList<>();
            List<String> definitions = new ArrayList<>();
            List<Step> starts = new ArrayList<>();
            for (int i = 0; i < names.size(); i++) {
                String name = names.get(i);
                String uuid = UUID.randomUUID().toString();
                CloneXml.Result made = CloneXml.of(sourceXml, name, uuid, addresses, request.keepsMacPrefix(), notes);
                // Undoing goes backwards: the first and the last step of a pool tell libvirt of all.
                boolean tellsPool = i == 0 || i == names.size() - 1;
                List<ClonedDomain.Disk> own = ownDisks(made.domain(), name, tellsPool);
                nvram(made.domain(), name);
                if (identity == IdentityReset.SYSPREP && sysprep != null) {
                    steps.add(sysprep(sysprep, name, own));
                }
                steps.add(new DefineStep(name, uuid, made.domain().text()));
                if (identity == IdentityReset.CLOUD_INIT) {
                    starts.addAll(FirstBoot.steps(host, made.domain(), CloudInit.newIdentity(name, uuid)));
                } else if (request.starts()) {
                    starts.add(new StartStep(new StepDomain(name, uuid), null));
                }
                definitions.add(made.domain().text());
                clones.add(new ClonedDomain(
                        name,
                        uuid,
                        source.name(),
                        request.starts() ? "running" : "shut off",
                        List.copyOf(own),
                        List.copyOf(made.macs())));
            }
            space.check(notes);
            if (aside != null) {
                steps.add(aside.end());
            }
            steps.addAll(starts);
            return new ClonePlan(clones, definitions, steps, notes, journalNames, identity);
        }

        private static SysprepStep sysprep(Path program, String name, List<ClonedDomain.Disk> own) {
            for (ClonedDomain.Disk disk : own) {
                Path directory = Path.of(disk.path()).toAbsolutePath().getParent();
                if (directory == null || !Files.isDirectory(directory)) {
                    throw JvirtException.failed(
                            "the clone's disk " + disk.path() + " is no file of this machine",
                            "--reset-identity --identity-by cloud-init --start, or another place with --dir");
                }
            }
            return new SysprepStep(
                    program,
                    CloudInit.hostnameOf(name),
                    own.stream().map(disk -> Path.of(disk.path())).toList(),
                    own.stream().map(ClonedDomain.Disk::format).toList());
        }

        private void protectBases() throws IOException {
            Set<String> bases = new LinkedHashSet<>();
            for (SourceDisk disk : disks) {
                if (disk.isBase()) {
                    bases.add(disk.path());
                }
                if (disk.isBase() && disk.place() instanceof SourceDisk.Place.Directory) {
                    steps.add(new ProtectBaseStep(Path.of(disk.path()), disk.format()));
                }
            }
            if (!bases.isEmpty() && !isTemplate) {
                notes.add("domain '" + source.name() + "' cannot be started while clones lie on "
                        + String.join(", ", bases));
            }
        }

        private List<ClonedDomain.Disk> ownDisks(DomainXml clone, String name, boolean tellsPool) throws IOException {
            List<ClonedDomain.Disk> own = new ArrayList<>();
            for (int i = 0; i < disks.size(); i++) {
                SourceDisk disk = disks.get(i);
                String base = i == 0 ? name : name + "-" + (i + 1);
                NewDisk made = new NewDisk(host, disk, base, space, tellsPool);
                steps.add(made.step());
                for (Disk element : clone.disks()) {
                    if (disk.target().equals(element.get(Disk.TARGET))) {
                        made.describeIn(element);
                    }
                }
                own.add(new ClonedDomain.Disk(
                        disk.target(),
                        made.path(),
                        made.format().id(),
                        disk.sizeBytes(),
                        disk.path(),
                        disk.modeName()));
            }
            return own;
        }

        /** The firmware's variables: a copy of the original's, boot entries included. */
        private void nvram(DomainXml clone, String name) throws IOException {
            String file = clone.get(DomainXml.NVRAM);
            Path original;
            if (file != null && !file.isBlank()) {
                original = Path.of(file);
                clone.set(
                        DomainXml.NVRAM,
                        original.resolveSibling(ownNvramName(original, name)).toString());
            } else if ("efi".equals(clone.get(DomainXml.FIRMWARE))) {
                // libvirt chose the firmware; the definition does not say where its variables are.
                original = StatePlaces.nvram(host.uri(), source.name());
            } else {
                return;
            }
            if (host.isRemote() || !Files.isRegularFile(original)) {
                // libvirt makes it from the firmware's template at the first start.
                return;
            }
            Path own = original.resolveSibling(ownNvramName(original, name));
            steps.add(FirmwareVariables.copy(original, own, aside != null));
        }

        private String ownNvramName(Path original, String name) {
            String file = String.valueOf(original.getFileName());
            @Nullable String renamed = ClonedDevices.renamed(file, source.name(), name);
            // The common name is SOURCE_VARS.fd, where the underscore ends the word.
            return renamed == null ? name + "_VARS.fd" : renamed;
        }
    }
}
