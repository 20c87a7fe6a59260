// SPDX-License-Identifier: Apache-2.0
package io.jvirt.domain.migrate;

import io.jvirt.domain.JvirtException;
import io.jvirt.domain.delete.DomainStateFiles;
import io.jvirt.domain.journal.Step;
import io.jvirt.domain.libvirt.Host;
import io.jvirt.domain.libvirt.SavedImage;
import io.jvirt.domain.libvirt.StatePlaces;
import io.jvirt.domain.migrate.step.LockSavedStep;
import io.jvirt.domain.migrate.step.Shipment;
import io.jvirt.domain.migrate.step.UnlockSavedStep;
import io.jvirt.domain.reference.DomainDisk;
import io.jvirt.domain.transfer.Fingerprint;
import io.jvirt.domain.transfer.Payload;
import io.jvirt.domain.xml.DomainXml;
import io.jvirt.domain.xml.XmlDocument;
import io.jvirt.domain.xml.XmlElement;
import io.jvirt.domain.xml.device.Disk;
import io.jvirt.storage.ImageFormat;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * The memory that libvirt has saved of a machine (managed save), from which its next start goes on. It travels under the name
 * that libvirt starts from, and locked, as {@link SavedImage} says; its own definition names the files as the target has them.
 */
final class SavedMemory {
    static final String ROLE = "saved";

    private static final List<MoveCheck> CHECKS =
            List.of(new HypervisorCheck(), new NetworkCheck(), new MediaCheck(), new DeviceCheck());

    private final Move move;
    private final Findings findings;
    private final Path file;
    private final SavedImage image;

    private SavedMemory(Move move, Findings findings, Path file, SavedImage image) {
        this.move = move;
        this.findings = findings;
        this.file = file;
        this.image = image;
    }

    /** Null where none travels. */
    static @Nullable SavedMemory of(Move move, Findings findings) {
        if (!isTaken(move)) {
            return null;
        }
        Path file = StatePlaces.savedState(move.source().uri(), move.name());
        try {
            return new SavedMemory(move, findings, file, SavedImage.read(file));
        } catch (JvirtException e) {
            findings.blocker("saved", String.valueOf(e.getMessage()), e.hint());
        } catch (IOException e) {
            findings.blocker(
                    "saved",
                    "the saved memory " + file + " cannot be read: " + e,
                    "let the machine go on from it here: jvirt start " + move.word());
        }
        return null;
    }

    /** Whether it is asked for, there, and where it is known to be. */
    static boolean isTaken(Move move) {
        return move.request().takesSavedMemory()
                && !move.domain().isActive()
                && move.source().uri().endsWith("/system")
                && move.target().uri().endsWith("/system")
                && DomainStateFiles.hasSavedState(move.source(), move.domain());
    }

    /** After all other files: it has to name them. */
    void plan(FilePlan plan, TargetPlaces places) throws IOException {
        Move saved = move.withDefinition(image.definition());
        for (MoveCheck check : CHECKS) {
            check.run(saved, findings);
        }
        sameMachine(saved.xml());
        sameProcessor(saved.xml());
        for (Disk disk : saved.xml().disks()) {
            String path = disk.isDisk() ? DomainDisk.pathOf(move.source(), disk) : null;
            if (path != null
                    && plan.fileAt(Path.of(path).toAbsolutePath().normalize().toString()) == null) {
                findings.blocker(
                        "saved",
                        "the saved machine has the disk " + path + ", which its definition does not have any more",
                        "let it go on here (jvirt start " + move.word() + ") and stop it");
            }
        }
        HostStorage.Place place = move.storage().at(String.valueOf(file.getParent()));
        String volume = move.targetName() + ".save";
        if (place.has(volume)) {
            findings.blocker(
                    "saved",
                    "the target has saved memory under that name already: " + place.directory() + "/" + volume,
                    "move it away there");
            return;
        }
        send(plan, places, place, volume);
    }

    private void send(FilePlan plan, TargetPlaces places, HostStorage.Place place, String volume) throws IOException {
        String path = place.directory() + "/" + volume;
        Shipment shipment = new Shipment(
                file,
                ImageFormat.RAW,
                Shipment.Form.SAVED,
                null,
                null,
                TargetDefinition.of(move, image.definition(), plan),
                List.of(),
                move.request().targetUri(),
                place.pool(),
                volume,
                path,
                ImageFormat.RAW,
                move.request().route(),
                false);
        long dataBytes;
        try (Payload payload = shipment.open()) {
            dataBytes = payload.dataBytes(0);
        } catch (JvirtException e) {
            findings.blocker("saved", String.valueOf(e.getMessage()), e.hint());
            return;
        }
        if (!place.isPool()) {
            plan.open(place.directory(), place.pool());
        }
        places.need(place.directory(), dataBytes);
        plan.send(
                shipment,
                ROLE,
                dataBytes,
                move.request().bytesPerSecond(),
                move.request().isVerified());
        plan.add(new MovedFile(file.toString(), ROLE, "raw", MovedFile.Action.COPY, path, dataBytes, false));
    }

    private void sameMachine(DomainXml saved) {
        if (!move.uuid().equals(saved.get(DomainXml.UUID)) || !move.name().equals(saved.get(DomainXml.NAME))) {
            findings.blocker(
                    "saved",
                    file + " is of another machine: '" + saved.get(DomainXml.NAME) + "', " + saved.get(DomainXml.UUID),
                    "libvirt does not start from it; drop it: virsh managedsave-remove " + move.word());
        }
    }

    /** A guest that was given the host's processor has it in its memory. */
    private void sameProcessor(DomainXml saved) {
        if (!"host-passthrough".equals(saved.get(DomainXml.CPU_MODE))) {
            return;
        }
        if (!processor(move.source()).equals(processor(move.target()))) {
            findings.blocker(
                    "saved",
                    "the saved memory is of a guest that knows this host's processor, and the target's is another one",
                    "jvirt start " + move.word() + ", then jvirt stop " + move.word());
        }
    }

    private static Set<String> processor(Host host) {
        Set<String> parts = new TreeSet<>();
        XmlElement element = XmlDocument.parse(host.capabilities()).root().element("host");
        XmlElement cpu = element == null ? null : element.element("cpu");
        for (XmlElement part : cpu == null ? List.<XmlElement>of() : cpu.elements()) {
            if (part.name().equals("model") || part.name().equals("vendor")) {
                parts.add(part.text());
            } else if (part.name().equals("feature")) {
                parts.add("+" + part.attribute("name"));
            }
        }
        return parts;
    }

    /** Once both definitions are locked: the source cannot go on from it any more, and then the target can. */
    static List<Step> handOver(Move move, Shipment shipment) throws IOException {
        SavedImage image = SavedImage.read(shipment.source());
        return List.of(
                new LockSavedStep(shipment.source(), move.name(), move.uuid(), Fingerprint.of(shipment.source())),
                new UnlockSavedStep(
                        shipment.uri(),
                        move.targetName(),
                        move.uuid(),
                        shipment.pool(),
                        shipment.path(),
                        shipment.route().way(),
                        image.version(true),
                        image.version(false)));
    }
}
