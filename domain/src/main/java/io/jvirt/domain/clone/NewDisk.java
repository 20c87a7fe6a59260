// SPDX-License-Identifier: Apache-2.0
package io.jvirt.domain.clone;

import io.jvirt.domain.JvirtException;
import io.jvirt.domain.clone.SourceDisk.InPool;
import io.jvirt.domain.clone.SourceDisk.Place;
import io.jvirt.domain.create.NewFile;
import io.jvirt.domain.create.SpaceNeeds;
import io.jvirt.domain.journal.Step;
import io.jvirt.domain.libvirt.Host;
import io.jvirt.domain.libvirt.Pool;
import io.jvirt.domain.libvirt.Volume;
import io.jvirt.domain.step.DiskFileStep;
import io.jvirt.domain.step.DiskFileStep.Content;
import io.jvirt.domain.step.VolumeStep;
import io.jvirt.domain.xml.XmlElement;
import io.jvirt.domain.xml.device.Disk;
import io.jvirt.storage.ImageFormat;
import io.jvirt.storage.Preallocation;
import java.io.IOException;
import java.nio.file.Path;

/** A clone's own disk: its name and place, the step that makes it, how the definition names it. */
final class NewDisk {
    private final ImageFormat format;
    private final String path;
    private final boolean isBlock;
    private final Step step;

    /**
     * Checks that it can be made.
     *
     * @param baseName without the ending
     * @param tellsPool libvirt is told of the new file
     */
    NewDisk(Host host, SourceDisk source, String baseName, SpaceNeeds space, boolean tellsPool) throws IOException {
        this.format = source.isBase() ? ImageFormat.QCOW2 : source.format();
        if (source.place() instanceof Place.Volumes volumes) {
            String volume = volumes.isDevices() ? baseName : baseName + "." + format.id();
            this.path = volumes.targetPath() + "/" + volume;
            this.isBlock = volumes.isDevices();
            this.step = volumeStep(host, source, volumes, volume, space);
        } else {
            Place.Directory place = (Place.Directory) source.place();
            Path file = place.path().resolve(baseName + "." + format.id());
            this.path = file.toString();
            this.isBlock = false;
            this.step = fileStep(source, place, file, space, tellsPool);
        }
    }

    private Step fileStep(SourceDisk source, Place.Directory place, Path file, SpaceNeeds space, boolean tellsPool)
            throws IOException {
        Path directory = NewFile.checkedDirectory(file, "choose another name, or another place with --dir or --pool");
        boolean copies = source.content() == Content.FLATTEN;
        space.add(directory, source.sizeBytes(), Preallocation.OFF, copies ? source.allocatedBytes() : 0);
        return new DiskFileStep(new DiskFileStep.Spec(
                file,
                format,
                source.sizeBytes(),
                Preallocation.OFF,
                source.content() == null ? Content.FLATTEN : source.content(),
                Path.of(source.path()),
                source.format(),
                tellsPool ? place.pool() : null));
    }

    private Step volumeStep(Host host, SourceDisk source, Place.Volumes place, String volume, SpaceNeeds space) {
        InPool origin = source.volume();
        if (origin == null) {
            throw new IllegalArgumentException("no volume: " + source);
        }
        try (Pool pool = Pool.find(host, place.pool());
                Volume there = pool.volume(volume)) {
            if (there != null) {
                throw JvirtException.refused(
                        "volume '" + volume + "' exists already in pool '" + place.pool() + "' and is not touched",
                        "choose another name");
            }
            long allocation = place.isDevices() ? source.sizeBytes() : 0;
            space.addPool(pool, allocation, source.sizeBytes());
            return new VolumeStep(new VolumeStep.Spec(
                    place.pool(),
                    volume,
                    format.id(),
                    source.sizeBytes(),
                    allocation,
                    !place.isDevices(),
                    new VolumeStep.Origin(
                            origin.pool(),
                            origin.volume(),
                            source.path(),
                            source.format().id(),
                            source.isBase())));
        }
    }

    Step step() {
        return step;
    }

    String path() {
        return path;
    }

    ImageFormat format() {
        return format;
    }

    /** Puts it into the clone's definition in the place of the original's disk. */
    void describeIn(Disk disk) {
        XmlElement source = disk.element().element("source");
        if (source != null) {
            for (String old : new String[] {"file", "dev", "pool", "volume", "mode"}) {
                source.attribute(old, null);
            }
        }
        disk.set(Disk.TYPE, isBlock ? "block" : "file")
                .set(Disk.FORMAT, format.id())
                .set(isBlock ? Disk.SOURCE_BLOCK : Disk.SOURCE_FILE, path);
        for (String old : new String[] {"backingStore", "mirror"}) {
            XmlElement element = disk.element().element(old);
            if (element != null) {
                element.remove();
            }
        }
    }
}
