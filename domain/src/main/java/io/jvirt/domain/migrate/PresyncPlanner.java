// SPDX-License-Identifier: Apache-2.0
package io.jvirt.domain.migrate;

import io.jvirt.domain.migrate.step.Overlays;
import io.jvirt.domain.migrate.step.Overlays.Overlay;
import io.jvirt.domain.reference.DomainDisk;
import io.jvirt.domain.xml.DomainXml;
import io.jvirt.domain.xml.device.Disk;
import io.jvirt.storage.ImageFormat;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** Which disks of a running domain get an overlay while they are copied: those that are sent. */
final class PresyncPlanner {
    private static final String SUFFIX = ".jvirt-presync";

    private PresyncPlanner() {}

    static Overlays plan(Move move, FilePlan files, Findings findings) throws IOException {
        Map<String, String> running = new HashMap<>();
        if (move.domain().isActive()) {
            for (Disk disk : DomainXml.parse(move.domain().xml()).disks()) {
                running.put(disk.get(Disk.TARGET, ""), String.valueOf(DomainDisk.pathOf(move.source(), disk)));
            }
        }
        List<Overlay> overlays = new ArrayList<>();
        for (Disk disk : move.xml().disks()) {
            String path = DomainDisk.pathOf(move.source(), disk);
            String target = disk.get(Disk.TARGET, "");
            MovedFile file = path == null
                    ? null
                    : files.fileAt(Path.of(path).toAbsolutePath().normalize().toString());
            if (path == null || file == null || !disk.isDisk()) {
                continue;
            }
            if (!path.equals(running.getOrDefault(target, path))) {
                findings.blocker(
                        "disk",
                        "disk " + target + " of the running domain is " + running.get(target) + ", its definition has "
                                + path,
                        "restart it, so that both are the same: jvirt stop, jvirt start");
            }
            boolean travels = file.action() == MovedFile.Action.COPY || file.action() == MovedFile.Action.UPDATE;
            if (!travels) {
                continue;
            }
            if (!Files.isRegularFile(Path.of(path))) {
                findings.blocker(
                        "disk",
                        "disk " + target + ": " + path + " is a device, which cannot be copied while the domain runs",
                        "jvirt stop " + move.word() + ", then leave --presync out");
                continue;
            }
            Path overlay = Path.of(path + SUFFIX);
            if (Files.exists(overlay)) {
                findings.blocker(
                        "disk",
                        overlay + " exists, which --presync needs for itself",
                        "is it left over? jvirt recover, jvirt info " + move.word());
            }
            ImageFormat format = SourceImage.format(disk.get(Disk.FORMAT, "raw"));
            overlays.add(new Overlay(target, Path.of(path), format, overlay));
        }
        return new Overlays(move.name(), move.uuid(), move.sourceXml(), overlays);
    }
}
