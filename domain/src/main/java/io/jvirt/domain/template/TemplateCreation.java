// SPDX-License-Identifier: Apache-2.0
package io.jvirt.domain.template;

import io.jvirt.domain.Cancellation;
import io.jvirt.domain.JvirtException;
import io.jvirt.domain.ShellWord;
import io.jvirt.domain.image.WholeImage;
import io.jvirt.domain.journal.Journal;
import io.jvirt.domain.journal.Operation;
import io.jvirt.domain.journal.Step;
import io.jvirt.domain.journal.StepPlan;
import io.jvirt.domain.libvirt.Domain;
import io.jvirt.domain.libvirt.Host;
import io.jvirt.domain.libvirt.StatePlaces;
import io.jvirt.domain.libvirt.Volume;
import io.jvirt.domain.reference.DomainDisk;
import io.jvirt.domain.step.ProtectBaseStep;
import io.jvirt.domain.step.StepDomain;
import io.jvirt.domain.step.TemplateFileStep;
import io.jvirt.domain.step.TemplateMarkStep;
import io.jvirt.domain.template.file.TemplateText;
import io.jvirt.domain.template.file.TemplateText.TemplateDisk;
import io.jvirt.domain.xml.DomainXml;
import io.jvirt.domain.xml.device.Disk;
import io.jvirt.storage.DiskImages;
import io.jvirt.storage.ImageDescription;
import io.jvirt.storage.OpenRequest;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * The verb {@code template create}: a template from a machine. With its disks, the machine becomes a template itself: the
 * disks are what the new machines' disks lie on, so it neither starts nor changes any more.
 */
public final class TemplateCreation {
    private final Host host;
    private final Journal journal;

    public TemplateCreation(Host host, Journal journal) {
        this.host = host;
        this.journal = journal;
    }

    /**
     * All that is going to be done.
     *
     * @param text the template's
     */
    public record Plan(
            TemplateRequest request, String domain, String uuid, String text, List<Step> steps, List<String> notes) {
        public List<String> summaries() {
            return steps.stream().map(Step::plan).map(StepPlan::summary).toList();
        }
    }

    /** Checks everything and changes nothing. */
    public Plan plan(TemplateRequest request) throws IOException {
        refuseTaken(request.file());
        try (Domain domain = host.findDomain(request.domain())) {
            journal.refuseOthers(host.uri(), List.of(domain.name(), domain.uuid()));
            if (request.withDisks()) {
                TemplateDomains.refuseUnsettled(domain);
            }
            List<String> notes = new ArrayList<>();
            List<Step> steps = new ArrayList<>();
            DomainXml definition = DomainXml.parse(domain.isPersistent() ? domain.inactiveXml() : domain.xml());
            List<TemplateDisk> disks = new ArrayList<>();
            for (Disk disk : definition.disks()) {
                if (disk.isDisk() && disk.get(Disk.READONLY) == null) {
                    disks.add(disk(request, disk, steps));
                }
            }
            String description =
                    request.description() == null ? "Made from domain '" + domain.name() + "'" : request.description();
            Path nvram = request.withDisks() ? nvram(definition, domain.name(), notes) : null;
            String text = TemplateText.of(
                    definition, description, disks, nvram == null ? null : request.nvramFileName(), notes);
            if (request.withDisks()) {
                String now = Instant.now().truncatedTo(ChronoUnit.SECONDS).toString();
                steps.add(new TemplateMarkStep(new StepDomain(domain.name(), domain.uuid()), now));
            }
            Path partial = request.file().resolveSibling("." + request.name() + "-" + UUID.randomUUID());
            if (nvram != null) {
                Path copy = request.file().resolveSibling(request.nvramFileName());
                refuseTaken(copy);
                steps.add(TemplateFileStep.copy(copy, partial, nvram));
            }
            steps.add(TemplateFileStep.text(request.file(), partial, text));
            return new Plan(request, domain.name(), domain.uuid(), text, steps, notes);
        }
    }

    private static void refuseTaken(Path file) {
        if (Files.exists(file)) {
            throw JvirtException.refused(
                    "the template " + file + " exists already and is not touched",
                    "choose another name, or remove it first: rm " + file);
        }
    }

    /** The variables that its machines start with: a system that lies on its disks may be booted by an entry in them. */
    private @Nullable Path nvram(DomainXml definition, String name, List<String> notes) {
        boolean isChosen = "efi".equals(definition.get(DomainXml.FIRMWARE));
        if (!isChosen && !"pflash".equals(definition.get(DomainXml.LOADER_TYPE))) {
            return null;
        }
        String named = definition.get(DomainXml.NVRAM);
        Path file = named == null || named.isBlank() ? StatePlaces.nvram(host.uri(), name) : Path.of(named);
        if (isChosen && !host.isRemote() && Files.isReadable(file)) {
            return file;
        }
        if (!isChosen || Files.exists(file)) {
            notes.add("the firmware's variables are not part of the template, since "
                    + (isChosen ? "this user cannot read " + file : "the firmware is named by its file")
                    + ": its machines start with fresh ones, and find the boot loader by its standard name");
        }
        return null;
    }

    private TemplateDisk disk(TemplateRequest request, Disk disk, List<Step> steps) throws IOException {
        String path = DomainDisk.pathOf(host, disk);
        String target = disk.get(Disk.TARGET, "?");
        String without = "leave the disks out: jvirt template create " + ShellWord.quoted(request.name()) + " --from "
                + ShellWord.quoted(request.domain()) + " --empty-disks";
        if (!request.withDisks()) {
            return new TemplateDisk(disk, emptySize(target, path, disk.get(Disk.FORMAT, "raw")), null);
        }
        if (path == null || host.isRemote() || !Files.isReadable(Path.of(path))) {
            throw JvirtException.failed(
                    "disk '" + target + "' cannot be a base: "
                            + (path == null ? "it is no file or device" : path + " cannot be read on this machine"),
                    without);
        }
        Path file = Path.of(path);
        ImageDescription image = WholeImage.describe(file);
        String format = disk.get(Disk.FORMAT, "raw");
        if (!image.format().id().equals(format)) {
            // A guest can write a header of another format onto a raw disk.
            throw JvirtException.refused(
                    "disk '" + target + "' is " + format + ", and " + path + " looks like "
                            + image.format().id(),
                    without);
        }
        if (Files.isRegularFile(file)) {
            steps.add(new ProtectBaseStep(file, image.format()));
        }
        return new TemplateDisk(disk, image.virtualSizeBytes(), path);
    }

    private long emptySize(String target, @Nullable String path, String format) throws IOException {
        if (path != null) {
            try (Volume volume = Volume.atPath(host, path)) {
                if (volume != null) {
                    return volume.size().capacityBytes();
                }
            }
            if (!host.isRemote()
                    && Files.isReadable(Path.of(path))
                    && List.of("raw", "qcow2").contains(format)) {
                return DiskImages.describe(OpenRequest.of(Path.of(path)).forceShare())
                        .virtualSizeBytes();
            }
        }
        throw JvirtException.failed(
                "the size of disk '" + target + "' is not known: "
                        + (path == null ? "it is no file, device or volume" : path + " is in no active pool"),
                "jvirt pool list shows whether a pool is off");
    }

    /** Performs a plan. After a failure nothing is left, or an entry in the journal says what. */
    public void perform(Plan plan, Cancellation cancellation, Operation.Listener listener) throws Exception {
        try (Operation operation =
                journal.begin("template create", host.uri(), List.of(plan.domain(), plan.uuid()), plan.steps())) {
            operation.perform(host, cancellation, listener);
        }
    }
}
