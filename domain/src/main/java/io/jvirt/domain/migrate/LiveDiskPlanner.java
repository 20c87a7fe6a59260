// SPDX-License-Identifier: Apache-2.0
package io.jvirt.domain.migrate;

import io.jvirt.domain.libvirt.BlockSize;
import io.jvirt.domain.xml.device.Disk;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;

/** Plans the disks of a running domain: libvirt copies what the guest sees into an image that is made for it. */
final class LiveDiskPlanner {
    private final Move move;
    private final Findings findings;
    private final FilePlan plan;
    private final TargetPlaces places;
    private final FilePlacer placer;

    LiveDiskPlanner(Move move, Findings findings, FilePlan plan, TargetPlaces places, FilePlacer placer) {
        this.move = move;
        this.findings = findings;
        this.plan = plan;
        this.places = places;
        this.placer = placer;
    }

    void plan(Disk disk, List<SourceImage> chain, String name) throws IOException {
        SourceImage image = chain.get(0);
        String path = image.absolutePath().toString();
        String directory = String.valueOf(Path.of(path).getParent());
        String target = disk.get(Disk.TARGET, "");
        HostStorage.Place place = places.of(directory, path);
        if (place == null) {
            return;
        }
        String fileName = FilePlacer.targetName(image, image.fileName(), null);
        if (placer.isTaken(path, place.directory() + "/" + fileName)) {
            return;
        }
        if (place.has(fileName) && places.isShared(place, directory)) {
            if (places.isAsAsserted(path, true)) {
                placer.placed(image, "disk", MovedFile.Action.SHARED, place, fileName, 0);
            }
            return;
        }
        if (!places.isAsAsserted(path, false)) {
            return;
        }
        if (place.has(fileName)) {
            findings.blocker(
                    "disk",
                    "the target has another file " + place.directory() + "/" + fileName + " already",
                    "move it away there, or take another pool: --pool-map");
            return;
        }
        if (!place.isPool()) {
            plan.open(place.directory(), place.pool());
        }
        if (chain.size() > 1) {
            findings.remap("disk", name + ": its chain of " + chain.size() + " images becomes one on the target");
        }
        BlockSize size = move.domain().blockSize(target);
        places.need(place.directory(), size.allocationBytes());
        placer.placed(image, "disk", MovedFile.Action.COPY, place, fileName, size.allocationBytes());
        plan.convert(image.path().toString(), image.format());
        plan.copyLive(
                target,
                place.pool(),
                place.directory() + "/" + fileName,
                image.format().id(),
                size.capacityBytes());
    }
}
