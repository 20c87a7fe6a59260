// SPDX-License-Identifier: Apache-2.0
package io.jvirt.domain.delete;

import io.jvirt.domain.Cancellation;
import io.jvirt.domain.DomainName;
import io.jvirt.domain.JvirtException;
import io.jvirt.domain.ShellWord;
import io.jvirt.domain.journal.Journal;
import io.jvirt.domain.journal.Operation;
import io.jvirt.domain.journal.Step;
import io.jvirt.domain.journal.StepPlan;
import io.jvirt.domain.libvirt.Domain;
import io.jvirt.domain.libvirt.Host;
import io.jvirt.domain.libvirt.StatePlaces;
import io.jvirt.domain.reference.DomainDisk;
import io.jvirt.domain.reference.ReferenceGraph;
import io.jvirt.domain.step.AutostartStep;
import io.jvirt.domain.step.DefineStep;
import io.jvirt.domain.step.MoveFileStep;
import io.jvirt.domain.step.SnapshotMetadataStep;
import io.jvirt.domain.step.StepDomain;
import io.jvirt.domain.step.TrashRemoveStep;
import io.jvirt.domain.trash.Trash;
import io.jvirt.domain.trash.TrashRecord;
import io.jvirt.domain.trash.TrashedFile;
import io.jvirt.domain.trash.TrashedFile.Kind;
import io.jvirt.domain.trash.TrashedSnapshot;
import io.jvirt.domain.xml.DomainXml;
import io.jvirt.domain.xml.device.Disk;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * The verb {@code undelete}. Disks come back before the definition and what libvirt keeps itself (NVRAM, saved state, TPM)
 * after it: undone in reverse, the definition then goes without taking them along.
 */
public final class Undelete {
    /**
     * A machine that is going to be back.
     *
     * @param name its name now
     * @param oldName when it was deleted
     * @param files where its files are
     */
    public record Restored(String name, String uuid, String oldName, List<String> files) {}

    /**
     * All that undeleting is going to do.
     *
     * @param id of the entry
     */
    public record Plan(String id, Restored domain, List<Step> steps, List<String> notes) {
        public List<String> summaries() {
            return steps.stream().map(Step::plan).map(StepPlan::summary).toList();
        }
    }

    private final Host host;
    private final Journal journal;
    private final Trash trash;

    public Undelete(Host host, Journal journal, Trash trash) {
        this.host = host;
        this.journal = journal;
        this.trash = trash;
    }

    /**
     * Checks everything and changes nothing.
     *
     * @param nameOrId the machine's name, or its entry's id
     * @param newName another name for it; null for the old one, or one made of it where that is taken
     */
    public Plan plan(String nameOrId, @Nullable String newName) throws IOException {
        TrashRecord entry = trash.find(host, nameOrId);
        List<String> notes = new ArrayList<>();
        if (RemovedDisk.is(entry)) {
            return planDisk(entry, newName, notes);
        }
        String name = nameFor(entry, newName, notes);
        String uuid = uuidFor(entry, notes);
        journal.refuseOthers(host.uri(), List.of(name, uuid));
        refuseMissing(entry);
        Map<TrashedFile, Path> targets = new LinkedHashMap<>();
        for (TrashedFile file : entry.files()) {
            targets.put(file, targetOf(file, entry, name, uuid, targets, notes));
        }
        noteOthersDisks(entry, notes);
        RestoredXml xml = new RestoredXml(name, uuid, targets);
        List<Step> steps = new ArrayList<>();
        List<Step> later = new ArrayList<>();
        for (Map.Entry<TrashedFile, Path> move : targets.entrySet()) {
            TrashedFile file = move.getKey();
            Step step = new MoveFileStep(
                    "put the " + file.kind().text() + " " + move.getValue() + " back",
                    file.trash(),
                    move.getValue(),
                    file.pool());
            (file.kind() == Kind.DISK ? steps : later).add(step);
        }
        steps.addAll(RestoredImages.renaming(entry, targets));
        steps.add(new DefineStep(name, uuid, xml.definition(entry.definition())));
        steps.addAll(later);
        for (TrashedSnapshot snapshot : entry.snapshots()) {
            steps.add(new SnapshotMetadataStep(
                    new StepDomain(name, uuid), xml.snapshot(snapshot.xml()), snapshot.isCurrent()));
        }
        if (entry.autostart()) {
            steps.add(new AutostartStep(new StepDomain(name, uuid)));
        }
        steps.add(new TrashRemoveStep("remove its record from the trash", entry, trash.linkOf(entry), false));
        return new Plan(
                entry.id(),
                new Restored(
                        name,
                        uuid,
                        entry.name(),
                        targets.values().stream().map(Path::toString).toList()),
                steps,
                notes);
    }

    /** A disk comes back as a file; its machine is told nothing. */
    private Plan planDisk(TrashRecord entry, @Nullable String newName, List<String> notes) throws IOException {
        if (newName != null) {
            throw JvirtException.usage("'" + entry.name() + "' is a disk and gets no name", "leave --name out");
        }
        String name = entry.name().substring(0, entry.name().indexOf(':'));
        refuseMissing(entry);
        Map<TrashedFile, Path> targets = new LinkedHashMap<>();
        List<Step> steps = new ArrayList<>();
        for (TrashedFile file : entry.files()) {
            Path target = targetOf(file, entry, name, entry.uuid(), targets, notes);
            targets.put(file, target);
            steps.add(new MoveFileStep("put the disk " + target + " back", file.trash(), target, file.pool()));
        }
        steps.addAll(RestoredImages.renaming(entry, targets));
        steps.add(new TrashRemoveStep("remove its record from the trash", entry, trash.linkOf(entry), false));
        List<String> files = targets.values().stream().map(Path::toString).toList();
        notes.add("plug it in: jvirt set " + ShellWord.quoted(name) + " --add-disk " + ShellWord.quoted(files.get(0)));
        return new Plan(entry.id(), new Restored(entry.name(), entry.uuid(), entry.name(), files), steps, notes);
    }

    /** A disk that was left where it was may be another machine's by now. */
    private void noteOthersDisks(TrashRecord entry, List<String> notes) {
        List<String> left = new ArrayList<>();
        for (Disk disk : DomainXml.parse(entry.definition()).disks()) {
            String path = DomainDisk.pathOf(host, disk);
            boolean isOwn = disk.isDisk() && disk.get(Disk.READONLY) == null && disk.get(Disk.SHAREABLE) == null;
            if (path != null
                    && isOwn
                    && entry.files().stream()
                            .noneMatch(file -> file.origin()
                                    .equals(Path.of(path).toAbsolutePath().normalize()))) {
                left.add(path);
            }
        }
        if (left.isEmpty()) {
            return;
        }
        ReferenceGraph graph = ReferenceGraph.read(host);
        for (String path : left) {
            for (String other : graph.domainsUsing(path)) {
                notes.add("the disk " + path + " is domain '" + other + "''s by now: run only one of the two");
            }
        }
    }

    private String nameFor(TrashRecord entry, @Nullable String newName, List<String> notes) {
        if (newName != null) {
            DomainName.check(newName);
            if (isTaken(newName)) {
                throw JvirtException.failed("a domain '" + newName + "' exists already", "choose another name");
            }
            return newName;
        }
        if (!isTaken(entry.name())) {
            return entry.name();
        }
        int number = 2;
        while (isTaken(entry.name() + "-" + number)) {
            number++;
        }
        String free = entry.name() + "-" + number;
        notes.add("a domain '" + entry.name() + "' exists already: it comes back as '" + free + "'");
        return free;
    }

    private boolean isTaken(String name) {
        try (Domain domain = host.domainNamed(name)) {
            return domain != null;
        }
    }

    private String uuidFor(TrashRecord entry, List<String> notes) {
        try (Domain domain = host.domainWithUuid(entry.uuid())) {
            if (domain == null) {
                return entry.uuid();
            }
            notes.add("domain '" + domain.name() + "' has its UUID: it gets a new one");
            return UUID.randomUUID().toString();
        }
    }

    private void refuseMissing(TrashRecord entry) throws IOException {
        RestoredImages images = new RestoredImages(entry, new TrashedBases(trash.list(host)));
        for (TrashedFile file : entry.files()) {
            refuseMissing(entry, file);
            if (file.kind() == Kind.DISK) {
                images.refuseWithoutBase(file);
            }
        }
    }

    private static void refuseMissing(TrashRecord entry, TrashedFile file) {
        if (!Files.exists(file.trash(), LinkOption.NOFOLLOW_LINKS)) {
            throw JvirtException.failed(
                    "the " + file.kind().text() + " " + file.origin() + " of '" + entry.name()
                            + "' is no longer in the trash: " + file.trash() + " does not exist",
                    "its storage may be off; the definition is in "
                            + entry.home().resolve(TrashRecord.FILE));
        }
    }

    /** The old place, or one beside it where that is taken. */
    private Path targetOf(
            TrashedFile file,
            TrashRecord entry,
            String name,
            String uuid,
            Map<TrashedFile, Path> others,
            List<String> notes) {
        if (file.kind() == Kind.SAVED_STATE) {
            return StatePlaces.savedState(host.uri(), name);
        }
        if (file.kind() == Kind.NVRAM && file.origin().equals(StatePlaces.nvram(host.uri(), entry.name()))) {
            Path nvram = StatePlaces.nvram(host.uri(), name);
            if (!isTaken(nvram)) {
                return nvram;
            }
        }
        if (file.kind() == Kind.TPM) {
            return file.origin().resolveSibling(uuid);
        }
        Path target = file.origin();
        String old = String.valueOf(target.getFileName());
        String ending =
                old.startsWith(entry.name()) ? old.substring(entry.name().length()) : "-" + old;
        for (int number = 1; isTaken(target) || others.containsValue(target); number++) {
            target = file.origin().resolveSibling(number == 1 ? name + ending : name + "-" + number + ending);
        }
        if (!target.equals(file.origin())) {
            notes.add(file.origin() + " exists already: the " + file.kind().text() + " comes back as " + target);
        }
        return target;
    }

    private static boolean isTaken(Path file) {
        return Files.exists(file, LinkOption.NOFOLLOW_LINKS);
    }

    /** Performs a plan; what fails on the way is undone. */
    public Restored perform(Plan plan, Cancellation cancellation, Operation.Listener listener) throws Exception {
        Restored domain = plan.domain();
        List<String> locked = List.of(domain.name(), domain.uuid(), plan.id());
        try (Operation operation = journal.begin("undelete", host.uri(), locked, plan.steps())) {
            operation.perform(host, cancellation, listener);
        }
        return domain;
    }
}
