// SPDX-License-Identifier: Apache-2.0
package io.jvirt.cli.vm;

import io.jvirt.domain.JvirtException;
import io.jvirt.domain.create.DiskRequest;
import io.jvirt.domain.template.file.MachineTemplate;
import io.jvirt.storage.ImageFormat;
import io.jvirt.storage.Preallocation;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** The options of {@code create} about new disks: what each is like, and what holds for all of them. */
public final class DiskOptions {
    private static final String NONE = "none";

    @Option(
            names = "--disk",
            paramLabel = "SIZE[,KEY=VALUE...]",
            description = "A new disk: 10G[,format=qcow2|raw][,pool=POOL][,path=FILE][,bus=virtio|scsi|sata|ide|usb]"
                    + "[,cache=MODE][,preallocation=off|metadata|falloc|full][,backing_store=IMAGE that it lies on];"
                    + " size=10 is in GiB; none for no disk."
                    + " Again for more.")
    private List<String> disks = new ArrayList<>();

    @Option(names = "--format", paramLabel = "qcow2|raw", description = "Format of the new disks. Default: qcow2.")
    private @Nullable String format;

    @Option(
            names = "--pool",
            paramLabel = "POOL",
            description = "Pool for the new disks. Default: 'default', else the only active one.")
    private @Nullable String pool;

    @Option(names = "--dir", paramLabel = "DIRECTORY", description = "Directory for the new disks, instead of a pool.")
    private @Nullable String directory;

    @Option(
            names = "--preallocation",
            paramLabel = "MODE",
            description =
                    "How much of the new disks is set aside: off, metadata, falloc, full. Default: metadata of qcow2"
                            + " disks up to 128G, which spares the guest waiting for tables; else off.")
    private @Nullable String preallocation;

    @Nullable
    ImageFormat format() {
        return format == null ? null : DiskRequest.format(format);
    }

    @Nullable
    Preallocation preallocation() {
        return preallocation == null ? null : DiskRequest.preallocation(preallocation);
    }

    @Nullable
    String pool() {
        return pool;
    }

    @Nullable
    String directory() {
        if (directory != null && pool != null) {
            throw JvirtException.usage("--pool and --dir do not go together", "leave one of them out");
        }
        return directory;
    }

    /**
     * The n-th --disk is laid over the template's n-th: {@code --disk 50G} makes the system's disk larger.
     *
     * @param isImported the system's disk is there already
     */
    List<DiskRequest> requests(@Nullable MachineTemplate from, boolean isImported) {
        List<DiskRequest> known = new ArrayList<>();
        List<DiskRequest> templates = from == null ? null : from.disks();
        if (templates != null && !disks.contains(NONE)) {
            // What is said for all disks wins too.
            templates.forEach(d -> known.add(d.without(format, pool != null || directory != null, preallocation)));
        }
        if (isImported && !known.isEmpty()) {
            known.remove(0);
        }
        List<DiskRequest> requests = new ArrayList<>();
        for (String disk : disks) {
            if (!disk.equals(NONE)) {
                DiskRequest given = DiskRequest.parse(disk);
                requests.add(known.isEmpty() ? given : given.over(known.remove(0)));
            } else if (disks.size() > 1) {
                throw JvirtException.usage("--disk none does not go with another --disk", "leave one of them out");
            }
        }
        requests.addAll(known);
        return requests;
    }
}
