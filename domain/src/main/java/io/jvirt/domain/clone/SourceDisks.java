// SPDX-License-Identifier: Apache-2.0
package io.jvirt.domain.clone;

import io.jvirt.domain.JvirtException;
import io.jvirt.domain.ShellWord;
import io.jvirt.domain.clone.SourceDisk.InPool;
import io.jvirt.domain.clone.SourceDisk.Place;
import io.jvirt.domain.create.PoolChoice;
import io.jvirt.domain.create.PoolKind;
import io.jvirt.domain.create.QemuAccess;
import io.jvirt.domain.libvirt.Host;
import io.jvirt.domain.libvirt.Pool;
import io.jvirt.domain.libvirt.Volume;
import io.jvirt.domain.reference.DomainDisk;
import io.jvirt.domain.reference.ReferenceGraph;
import io.jvirt.domain.reference.Use;
import io.jvirt.domain.step.DiskFileStep.Content;
import io.jvirt.domain.xml.DomainXml;
import io.jvirt.domain.xml.device.Disk;
import io.jvirt.storage.DiskImages;
import io.jvirt.storage.ImageDescription;
import io.jvirt.storage.ImageFormat;
import io.jvirt.storage.OpenPolicy;
import io.jvirt.storage.OpenRequest;
import io.jvirt.storage.StorageException;
import io.jvirt.storage.qcow2.Qcow2Description;
import io.jvirt.storage.qcow2.format.Header;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Looks at the original's disks: which are cloned, how, and where to. */
final class SourceDisks {
    private static final Set<String> REFLINK_FILE_SYSTEMS = Set.of("xfs", "btrfs", "bcachefs");

    private final Host host;
    private final CloneRequest request;
    private final String sourceUuid;
    private final boolean isTemplate;
    private final boolean isRunning;
    private final List<String> notes;

    SourceDisks(
            Host host,
            CloneRequest request,
            String sourceUuid,
            boolean isTemplate,
            boolean isRunning,
            List<String> notes) {
        this.host = host;
        this.request = request;
        this.sourceUuid = sourceUuid;
        this.isTemplate = isTemplate;
        this.isRunning = isRunning;
        this.notes = notes;
    }

    /** The disks to clone; media, and disks that are read-only or made to be shared, are the clones' too. */
    List<SourceDisk> of(DomainXml source) throws IOException {
        List<SourceDisk> disks = new ArrayList<>();
        for (Disk disk : source.disks()) {
            if (!disk.isDisk() || disk.get(Disk.READONLY) != null || disk.get(Disk.SHAREABLE) != null) {
                continue;
            }
            String target = disk.get(Disk.TARGET, "?");
            String path = DomainDisk.pathOf(host, disk);
            if (path == null) {
                throw JvirtException.failed(
                        "disk '" + target + "' of domain '" + source.get(DomainXml.NAME, "") + "' is "
                                + (disk.get(Disk.SOURCE_PROTOCOL) == null
                                        ? "no file, device or volume of an active pool"
                                        : "on the network (" + disk.get(Disk.SOURCE_PROTOCOL)
                                                + ") and cannot be cloned"),
                        "clone it without that disk: detach it first, and attach it again afterwards");
            }
            disks.add(sourceDisk(disk, target, path));
        }
        refuseBasesInUse(disks);
        return disks;
    }

    private SourceDisk sourceDisk(Disk disk, String target, String path) throws IOException {
        ImageFormat format = format(disk, path);
        InPool volume = null;
        long volumeBytes = 0;
        try (Volume at = Volume.atPath(host, path)) {
            if (at != null) {
                try (Pool pool = at.pool()) {
                    volume = new InPool(pool.name(), at.name());
                }
                volumeBytes = at.size().capacityBytes();
            }
        }
        if (volume == null && (host.isRemote() || !Files.exists(Path.of(path)))) {
            throw JvirtException.notFound(
                    "disk '" + target + "': " + path
                            + (host.isRemote() ? " is in no active pool of that host" : " does not exist"),
                    host.isRemote() ? "run jvirt on that host" : "jvirt pool list shows whether a pool is off");
        }
        Place place = place(path, volume);
        if (place instanceof Place.Volumes volumes) {
            return volumeFromVolume(target, path, format, volume, volumeBytes, volumes);
        }
        return file(target, Path.of(path), format, volume, (Place.Directory) place);
    }

    private static ImageFormat format(Disk disk, String path) {
        String format = disk.get(Disk.FORMAT, "raw");
        return switch (format) {
            case "raw" -> ImageFormat.RAW;
            case "qcow2" -> ImageFormat.QCOW2;
            default ->
                throw JvirtException.failed(
                        "the disk " + path + " is of format " + format + ", which cannot be cloned",
                        "jvirt clones raw and qcow2 disks");
        };
    }

    private Place place(String path, @Nullable InPool volume) {
        if (request.directory() != null) {
            return new Place.Directory(
                    Path.of(request.directory()).toAbsolutePath().normalize(), null);
        }
        String pool = request.pool() != null ? request.pool() : volume == null ? null : volume.pool();
        Path directory = Path.of(path).toAbsolutePath().getParent();
        if (pool == null && !host.isRemote() && Files.isRegularFile(Path.of(path)) && directory != null) {
            return new Place.Directory(directory, null);
        }
        try (Pool chosen = PoolChoice.choose(host, pool)) {
            if (chosen == null) {
                throw JvirtException.usage(
                        "there is no pool for the clone of " + path, "name a place: --pool POOL or --dir DIRECTORY");
            }
            PoolKind kind = PoolKind.of(chosen);
            Path local = kind.localDirectory(host);
            return local == null
                    ? new Place.Volumes(chosen.name(), kind.targetPath(), kind.isDevices())
                    : new Place.Directory(local, chosen.name());
        }
    }

    private SourceDisk volumeFromVolume(
            String target,
            String path,
            ImageFormat format,
            @Nullable InPool volume,
            long sizeBytes,
            Place.Volumes place) {
        if (volume == null) {
            throw JvirtException.failed(
                    "the disk " + path + " is in no pool, and pool '" + place.pool() + "' takes only copies of volumes",
                    "choose a directory pool with --pool, or --dir DIRECTORY");
        }
        if (request.mode() == CloneMode.REFLINK) {
            throw JvirtException.failed(
                    "pool '" + place.pool() + "' cannot share blocks between disks",
                    "--mode full, or a pool that is a directory on xfs or btrfs");
        }
        boolean linked = request.mode() == CloneMode.LINKED || (request.mode() == CloneMode.AUTO && isTemplate);
        if (linked && place.isDevices()) {
            throw JvirtException.failed(
                    "pool '" + place.pool() + "' holds raw devices, and a linked clone needs qcow2",
                    "--mode full, or another pool with --pool");
        }
        return new SourceDisk(target, path, format, sizeBytes, sizeBytes, volume, place, null, linked);
    }

    private SourceDisk file(
            String target, Path path, ImageFormat format, @Nullable InPool volume, Place.Directory place)
            throws IOException {
        ImageDescription found;
        try {
            OpenRequest reading = OpenRequest.of(path).withFormat(format).withPolicy(OpenPolicy.everything());
            if (isRunning) {
                reading = reading.forceShare();
            }
            found = DiskImages.describe(reading);
            // Its chain is whole, and, when it is off, nobody writes to it. What is encrypted opens with its passphrase
            // alone.
            if (!isEncrypted(found)) {
                DiskImages.open(reading).close();
            }
        } catch (StorageException e) {
            throw new JvirtException(
                    JvirtException.Kind.FAILED,
                    "the disk " + path + " cannot be cloned: " + e.getMessage(),
                    e.hint() == null
                            ? "look at it: jvirt disk info --backing-chain " + ShellWord.quoted(path)
                            : e.hint(),
                    e);
        }
        Content content = content(path, found, place);
        if (content == Content.OVERLAY) {
            QemuAccess.check(host, path, notes);
        }
        Qcow2Description qcow2 = found.qcow2();
        if (qcow2 != null && !qcow2.snapshots().isEmpty() && content == Content.FLATTEN) {
            notes.add("the internal snapshots of " + path + " are not in the clone");
        }
        return new SourceDisk(
                target,
                content == Content.OVERLAY ? path.toRealPath().toString() : path.toString(),
                format,
                found.virtualSizeBytes(),
                allocatedWithBacking(found),
                volume,
                place,
                content,
                content == Content.OVERLAY);
    }

    private Content content(Path path, ImageDescription found, Place.Directory place) throws IOException {
        Qcow2Description qcow2 = found.qcow2();
        Header header = qcow2 == null ? null : qcow2.header();
        boolean whole = header == null
                || (header.backingFile() == null && !header.features().hasDataFile());
        boolean encrypted = isEncrypted(found);
        CloneMode mode = request.mode();
        if (mode == CloneMode.AUTO) {
            mode = isTemplate && Files.isRegularFile(path) && !encrypted ? CloneMode.LINKED : mode;
        }
        switch (mode) {
            case LINKED -> {
                if (!Files.isRegularFile(path)) {
                    throw JvirtException.failed(
                            path + " is a device, which nothing protects against writing; it cannot be a base",
                            "--mode full");
                }
                if (encrypted) {
                    throw encrypted(path);
                }
                return Content.OVERLAY;
            }
            case REFLINK -> {
                if (!whole) {
                    throw JvirtException.failed(
                            "the disk " + path + " is made of several files, and sharing blocks needs one",
                            "--mode full or --mode linked");
                }
                if (!Files.isRegularFile(path)) {
                    throw JvirtException.failed(path + " is a device, whose blocks cannot be shared", "--mode full");
                }
                return Content.REFLINK;
            }
            default -> {
                if (mode == CloneMode.AUTO && whole && canReflink(path, place.path())) {
                    return Content.REFLINK_OR_FLATTEN;
                }
                if (encrypted) {
                    throw encrypted(path);
                }
                return Content.FLATTEN;
            }
        }
    }

    private static boolean isEncrypted(ImageDescription found) {
        Qcow2Description qcow2 = found.qcow2();
        return qcow2 != null && qcow2.header().cryptMethod() != Header.CRYPT_NONE;
    }

    private static JvirtException encrypted(Path path) {
        return JvirtException.failed(
                "the disk " + path + " is encrypted, and its content cannot be read without its passphrase",
                "--mode reflink copies it as it is, on xfs and btrfs");
    }

    private static boolean canReflink(Path path, Path directory) {
        try {
            return Files.isRegularFile(path)
                    && Files.isDirectory(directory)
                    && Files.getFileStore(path).equals(Files.getFileStore(directory))
                    && REFLINK_FILE_SYSTEMS.contains(
                            Files.getFileStore(directory).type());
        } catch (IOException e) {
            // Inside a chroot the mount point may not be found: a copy is always possible.
            return false;
        }
    }

    private static long allocatedWithBacking(ImageDescription top) throws IOException {
        long sum = top.allocatedBytes();
        ImageDescription image = top;
        for (int depth = 0; depth < 200 && image.qcow2() != null; depth++) {
            String backing = image.qcow2().fullBackingFile();
            if (backing == null || !Files.exists(Path.of(backing))) {
                break;
            }
            image = DiskImages.describe(OpenRequest.of(Path.of(backing)).forceShare());
            sum += image.allocatedBytes();
        }
        return Math.min(sum, top.virtualSizeBytes() + (top.virtualSizeBytes() >> 10) + (1 << 20));
    }

    /** What others could write to is no base: a change below an overlay destroys it. */
    private void refuseBasesInUse(List<SourceDisk> disks) throws IOException {
        if (disks.stream().noneMatch(SourceDisk::isBase)) {
            return;
        }
        ReferenceGraph references = ReferenceGraph.read(host, sourceUuid, Set.of());
        for (SourceDisk disk : disks) {
            for (Use use : references.uses(disk.path())) {
                if (disk.isBase() && use.domain() != null && use.image() == null) {
                    throw JvirtException.refused(
                            "the disk " + disk.path() + " is also used by " + use + ", which can change it",
                            "--mode full makes a clone that does not depend on it");
                }
            }
        }
    }
}
