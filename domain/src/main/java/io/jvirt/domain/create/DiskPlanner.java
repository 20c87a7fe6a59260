// SPDX-License-Identifier: Apache-2.0
package io.jvirt.domain.create;

import io.jvirt.domain.JvirtException;
import io.jvirt.domain.ShellWord;
import io.jvirt.domain.SizeText;
import io.jvirt.domain.image.WholeImage;
import io.jvirt.domain.libvirt.Host;
import io.jvirt.domain.libvirt.Pool;
import io.jvirt.domain.libvirt.Volume;
import io.jvirt.domain.pool.PartitionName;
import io.jvirt.domain.reference.ReferenceGraph;
import io.jvirt.domain.reference.Use;
import io.jvirt.domain.step.DiskFileStep;
import io.jvirt.domain.step.DiskFileStep.Content;
import io.jvirt.domain.step.VolumeStep;
import io.jvirt.storage.DiskImages;
import io.jvirt.storage.ImageDescription;
import io.jvirt.storage.ImageFormat;
import io.jvirt.storage.OpenRequest;
import io.jvirt.storage.Preallocation;
import io.jvirt.storage.qcow2.Qcow2Creator;
import io.jvirt.storage.qcow2.Qcow2Options;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Decides where each disk goes and how it is made, and checks that it can be. */
final class DiskPlanner {
    /** Up to here an image's tables take 20 MiB at most and a fraction of a second. */
    private static final long CHEAP_TABLES_BYTES = 128L << 30;

    private final Host host;
    private final HostFacts facts;
    private final CreateRequest request;
    private final List<String> notes;
    private final String defaultBus;
    private final SpaceNeeds space = new SpaceNeeds();

    /** How many partitions are planned. */
    private int partitions;

    DiskPlanner(Host host, HostFacts facts, CreateRequest request, SystemDevices devices, List<String> notes) {
        this.host = host;
        this.facts = facts;
        this.request = request;
        this.notes = notes;
        this.defaultBus = devices.bus() == null ? "virtio" : devices.bus();
    }

    List<PlannedDisk> plan() throws IOException {
        List<PlannedDisk> disks = new ArrayList<>();
        List<DiskRequest> wanted = new ArrayList<>(request.disks());
        if (request.source() instanceof BootSource.Import i) {
            disks.add(imported(i.disk()));
        } else if (request.source() instanceof BootSource.Image image) {
            DiskRequest first = wanted.isEmpty() ? DiskRequest.parse("format=qcow2") : wanted.remove(0);
            disks.add(planned(first, 0, source(image, first)));
        } else if (request.source() instanceof BootSource.Fetched fetched) {
            DiskRequest first = wanted.isEmpty() ? DiskRequest.parse("format=qcow2") : wanted.remove(0);
            disks.add(planned(first, 0, unknown(fetched, first)));
        }
        for (DiskRequest d : wanted) {
            Path base = d.base();
            disks.add(planned(d, disks.size(), base == null ? null : source(new BootSource.Image(base, true), d)));
        }
        for (int i = 0; i < disks.size(); i++) {
            for (int j = 0; j < i; j++) {
                if (disks.get(i).path().equals(disks.get(j).path())) {
                    throw JvirtException.usage(
                            "two disks would be " + disks.get(i).path(), "give one another path");
                }
            }
        }
        space.check(notes);
        return disks;
    }

    /** A disk of a machine that exists already, under the first name of the machine's that is free. */
    PlannedDisk extra(DiskRequest disk, Set<String> taken) throws IOException {
        for (int index = 1; ; index++) {
            if (disk.path() == null && isTaken(disk, index, taken)) {
                continue;
            }
            PlannedDisk planned = planned(disk, index, null);
            space.check(notes);
            return planned;
        }
    }

    private boolean isTaken(DiskRequest disk, int index, Set<String> taken) {
        try (Pool pool = PoolChoice.choose(host, disk.pool())) {
            PoolKind kind = pool == null ? null : PoolKind.of(pool);
            Path directory = kind == null ? PoolChoice.defaultDirectory(facts) : kind.localDirectory(host);
            if (directory != null) {
                Path file = directory.resolve(fileName(index, format(disk)));
                return taken.contains(file.toString()) || Files.exists(file, LinkOption.NOFOLLOW_LINKS);
            }
            if (pool == null || kind == null) {
                return false;
            }
            String name = kind.isDevices() ? baseName(index) : fileName(index, format(disk));
            try (Volume there = pool.volume(name)) {
                return there != null || taken.contains(kind.targetPath() + "/" + name);
            }
        }
    }

    private PlannedDisk imported(Path disk) throws IOException {
        Path path = existing(disk, "disk");
        boolean block = !Files.isRegularFile(path);
        for (Use use : ReferenceGraph.read(host).uses(path.toString())) {
            throw JvirtException.refused(
                    "the disk " + path + " is used by " + use,
                    "two machines on one disk destroy it; make a machine of its own: --image " + path);
        }
        ImageDescription image = DiskImages.describe(OpenRequest.of(path).forceShare());
        QemuAccess.check(host, path, notes);
        return new PlannedDisk(
                path.toString(), image.format(), image.virtualSizeBytes(), null, block, defaultBus, null, null);
    }

    /** A file of this machine that the user named. */
    Path existing(Path file, String what) {
        if (host.isRemote()) {
            throw JvirtException.failed(
                    "the " + what + " " + file + " cannot be given to another host",
                    "run jvirt on that host, or put it into a pool there first");
        }
        Path path = file.toAbsolutePath().normalize();
        if (!Files.exists(path)) {
            throw JvirtException.notFound("the " + what + " " + path + " does not exist", "check the path");
        }
        if (Files.isDirectory(path)) {
            throw JvirtException.usage("the " + what + " " + path + " is a directory", "name a file in it");
        }
        if (!Files.isReadable(path)) {
            throw JvirtException.failed("the " + what + " " + path + ": permission denied", "run it as root");
        }
        return path;
    }

    private PlannedDisk planned(DiskRequest disk, int index, @Nullable Source source) throws IOException {
        Preallocation asked = preallocation(disk);
        if (disk.path() != null || (request.directory() != null && disk.pool() == null)) {
            return inFile(disk, filePath(disk, index), null, asked, source);
        }
        String poolName = disk.pool() != null ? disk.pool() : request.pool();
        try (Pool pool = PoolChoice.choose(host, poolName)) {
            if (pool == null) {
                Path directory = PoolChoice.defaultDirectory(facts);
                notes.add("there is no pool 'default'; the disk goes to " + directory);
                Path path = directory.resolve(fileName(index, format(disk)));
                return inFile(disk, path, null, asked, source);
            }
            PoolKind kind = PoolKind.of(pool);
            Path target = kind.localDirectory(host);
            if (target != null) {
                Path path = target.resolve(fileName(index, format(disk)));
                return inFile(disk, path, pool.name(), asked, source);
            }
            return inVolume(disk, index, pool, kind, asked, source);
        }
    }

    /** What an image disk starts from. */
    private record Source(Path file, ImageFormat format, long virtualBytes, long allocatedBytes, boolean backed) {}

    /** An image that is not here yet. */
    private Source unknown(BootSource.Fetched fetched, DiskRequest disk) {
        String location = fetched.image().location();
        if (host.isRemote()) {
            throw JvirtException.failed(
                    "the image " + location + " cannot be given to another host", "run jvirt on that host");
        }
        long size = disk.sizeBytes() == null ? CreateRequest.DEFAULT_DISK_BYTES : disk.sizeBytes();
        return new Source(Path.of(location.substring(location.lastIndexOf('/') + 1)), ImageFormat.RAW, size, 0, false);
    }

    private Source source(BootSource.Image image, DiskRequest disk) throws IOException {
        Path file = existing(image.file(), "image").toRealPath();
        ImageDescription found = WholeImage.describe(file);
        if (disk.sizeBytes() != null && disk.sizeBytes() < found.virtualSizeBytes()) {
            throw JvirtException.usage(
                    "the image " + file + " has " + SizeText.of(found.virtualSizeBytes())
                            + " and does not fit into a disk of " + SizeText.of(disk.sizeBytes()),
                    "give a larger --disk, or none to keep the image's size");
        }
        if (image.backed()) {
            if (format(disk) != ImageFormat.QCOW2) {
                throw JvirtException.usage(
                        "a disk on top of an image cannot be " + format(disk).id(), "leave --format out: it is qcow2");
            }
            QemuAccess.check(host, file, notes);
        }
        return new Source(file, found.format(), found.virtualSizeBytes(), found.allocatedBytes(), image.backed());
    }

    private PlannedDisk inFile(
            DiskRequest disk, Path path, @Nullable String pool, @Nullable Preallocation asked, @Nullable Source source)
            throws IOException {
        ImageFormat format = format(disk);
        long size = sizeOf(disk, source);
        Preallocation preallocation = asked == null ? ownChoice(format, size, source) : asked;
        Path directory =
                NewFile.checkedDirectory(path, "choose another name or path, or use it as it is: --import " + path);
        if (format == ImageFormat.QCOW2) {
            Qcow2Options options = Qcow2Options.defaults();
            if (source != null && source.backed()) {
                options = options.withBacking(
                        source.file().toString(), source.format().id());
            }
            Qcow2Creator.checkOptions(options, size, preallocation);
        }
        QemuAccess.check(host, path, notes);
        long copied = source == null || source.backed() ? 0 : source.allocatedBytes();
        space.add(directory, size, preallocation, copied);
        Content content = source == null ? Content.EMPTY : source.backed() ? Content.OVERLAY : Content.COPY;
        DiskFileStep step = new DiskFileStep(new DiskFileStep.Spec(
                path,
                format,
                size,
                preallocation,
                content,
                source == null ? null : source.file(),
                source == null ? null : source.format(),
                pool));
        return new PlannedDisk(path.toString(), format, size, pool, false, bus(disk), disk.cache(), step);
    }

    private PlannedDisk inVolume(
            DiskRequest disk,
            int index,
            Pool pool,
            PoolKind kind,
            @Nullable Preallocation asked,
            @Nullable Source source) {
        Preallocation preallocation = asked == null ? Preallocation.OFF : asked;
        if (source != null) {
            throw JvirtException.failed(
                    "an image can only be copied into a directory of this machine, and pool '" + pool.name()
                            + "' is none",
                    "choose a directory pool with --pool, or --dir DIRECTORY");
        }
        if (kind.isDevices() && format(disk) == ImageFormat.QCOW2 && asksForFormat(disk)) {
            throw JvirtException.usage(
                    "pool '" + pool.name() + "' of type " + kind.type() + " holds raw volumes only",
                    "leave the format out");
        }
        if (preallocation == Preallocation.METADATA) {
            throw JvirtException.usage(
                    "preallocation metadata is not available in pool '" + pool.name() + "'", "use off, falloc or full");
        }
        ImageFormat format = kind.isDevices() ? ImageFormat.RAW : format(disk);
        long size = sizeOf(disk, null);
        String partition = PartitionName.next(pool, host.isRemote(), partitions);
        partitions += partition == null ? 0 : 1;
        String name = partition != null ? partition : kind.isDevices() ? baseName(index) : fileName(index, format);
        try (Volume there = pool.volume(name)) {
            if (there != null) {
                throw JvirtException.refused(
                        "volume '" + name + "' exists already in pool '" + pool.name() + "' and is not touched",
                        "choose another name");
            }
        }
        long allocation = kind.isDevices() || preallocation != Preallocation.OFF ? size : 0;
        space.addPool(pool, allocation, size);
        VolumeStep step = new VolumeStep(
                new VolumeStep.Spec(pool.name(), name, format.id(), size, allocation, !kind.isDevices(), null));
        return new PlannedDisk(
                kind.targetPath() + "/" + name,
                format,
                size,
                pool.name(),
                kind.isDevices(),
                bus(disk),
                disk.cache(),
                step);
    }

    private long sizeOf(DiskRequest disk, @Nullable Source source) {
        Long size = disk.sizeBytes();
        if (size != null) {
            return size;
        }
        if (source == null) {
            throw JvirtException.usage("a --disk has no size", "write --disk 10G, or --disk size=10,…");
        }
        return source.virtualBytes();
    }

    private Path filePath(DiskRequest disk, int index) {
        if (host.isRemote()) {
            throw JvirtException.usage(
                    "a disk of another host needs a pool there",
                    "jvirt -c " + ShellWord.quoted(host.uri()) + " pool list shows them");
        }
        String named = disk.path();
        if (named != null) {
            return Path.of(named).toAbsolutePath().normalize();
        }
        return Path.of(String.valueOf(request.directory()))
                .toAbsolutePath()
                .normalize()
                .resolve(fileName(index, format(disk)));
    }

    private boolean asksForFormat(DiskRequest disk) {
        return disk.format() != null || request.format() != null;
    }

    private ImageFormat format(DiskRequest disk) {
        ImageFormat own = disk.format();
        if (own != null) {
            return own;
        }
        return request.format() == null ? ImageFormat.QCOW2 : request.format();
    }

    /** What the user asks for, or null. */
    private @Nullable Preallocation preallocation(DiskRequest disk) {
        return disk.preallocation() == null ? request.preallocation() : disk.preallocation();
    }

    /**
     * Where nothing is asked for. A guest's first writes to a qcow2 disk wait for tables unless those are there: for a disk
     * of ordinary size they cost next to nothing (bench/RESULTS.md), and what they name stays a hole.
     */
    private static Preallocation ownChoice(ImageFormat format, long sizeBytes, @Nullable Source source) {
        boolean cheap = format == ImageFormat.QCOW2 && source == null && sizeBytes <= CHEAP_TABLES_BYTES;
        return cheap ? Preallocation.METADATA : Preallocation.OFF;
    }

    private String bus(DiskRequest disk) {
        return disk.bus() == null ? defaultBus : disk.bus();
    }

    private String baseName(int index) {
        return index == 0 ? request.name() : request.name() + "-" + (index + 1);
    }

    private String fileName(int index, ImageFormat format) {
        return baseName(index) + "." + format.id();
    }
}
