// SPDX-License-Identifier: Apache-2.0
package io.jvirt.domain.step;

import io.jvirt.domain.JvirtException;
import io.jvirt.domain.SizeText;
import io.jvirt.domain.journal.FinalStep;
import io.jvirt.domain.journal.StepContext;
import io.jvirt.domain.journal.StepPlan;
import io.jvirt.domain.libvirt.Domain;
import io.jvirt.domain.libvirt.Host;
import io.jvirt.domain.libvirt.Volume;
import io.jvirt.storage.DiskImage;
import io.jvirt.storage.DiskImages;
import io.jvirt.storage.ImageFormat;
import io.jvirt.storage.OpenPolicy;
import io.jvirt.storage.OpenRequest;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Makes a disk larger: of a running machine through QEMU, else the file itself, or the volume where it is not at hand.
 * Doing it again changes nothing; a disk is never made smaller, so it is not undone either.
 */
public final class ResizeDiskStep implements FinalStep {
    static final String KIND = "resize-disk";

    private final String uuid;
    private final String target;
    private final String path;
    private final @Nullable String format;
    private final long sizeBytes;

    /**
     * Plans it.
     *
     * @param target the disk's name in the guest
     * @param path its file or device
     * @param format as the definition has it; null where it has none
     */
    public ResizeDiskStep(String uuid, String target, String path, @Nullable String format, long sizeBytes) {
        this.uuid = uuid;
        this.target = target;
        this.path = path;
        this.format = format;
        this.sizeBytes = sizeBytes;
    }

    @Override
    public StepPlan plan() {
        Map<String, String> p = new LinkedHashMap<>();
        p.put("uuid", uuid);
        p.put("target", target);
        p.put("path", path);
        if (format != null) {
            p.put("format", format);
        }
        p.put("sizeBytes", Long.toString(sizeBytes));
        return new StepPlan(KIND, "grow disk " + target + " (" + path + ") to " + SizeText.of(sizeBytes), p);
    }

    static ResizeDiskStep read(StepPlan plan) {
        return new ResizeDiskStep(
                Parameters.required(plan, "uuid"),
                Parameters.required(plan, "target"),
                Parameters.required(plan, "path"),
                plan.parameters().get("format"),
                Long.parseLong(Parameters.required(plan, "sizeBytes")));
    }

    /** What the guest sees now; null where nobody can tell. */
    public @Nullable Long sizeNow(Host host) {
        try (Domain domain = host.domainWithUuid(uuid)) {
            if (domain != null && domain.isActive()) {
                return domain.blockSize(target).capacityBytes();
            }
        }
        if (!host.isRemote() && Files.isReadable(Path.of(path))) {
            try (DiskImage image = DiskImages.open(request())) {
                return image.sizeBytes();
            } catch (IOException e) {
                // What is wrong with it, its change says.
                return null;
            }
        }
        try (Volume volume = Volume.atPath(host, path)) {
            return volume == null ? null : volume.size().capacityBytes();
        }
    }

    @Override
    public void perform(StepContext context) throws Exception {
        try (Domain domain = context.host().domainWithUuid(uuid)) {
            if (domain != null && domain.isActive()) {
                // QEMU would make it smaller, too.
                if (domain.blockSize(target).capacityBytes() < sizeBytes) {
                    domain.resizeDisk(target, sizeBytes);
                }
                return;
            }
        }
        if (!context.host().isRemote() && Files.isWritable(Path.of(path))) {
            growFile();
            return;
        }
        try (Volume volume = Volume.atPath(context.host(), path)) {
            if (volume == null) {
                throw JvirtException.failed(
                        "cannot resize " + path + ": it is no volume of that host",
                        "is its pool active? jvirt pool list shows it");
            }
            if (volume.size().capacityBytes() < sizeBytes) {
                volume.resize(sizeBytes, false);
            }
        }
    }

    private void growFile() throws Exception {
        try (DiskImage image = DiskImages.open(request().writable())) {
            if (image.sizeBytes() < sizeBytes) {
                image.resize(sizeBytes);
                image.flush();
            }
        }
    }

    private OpenRequest request() {
        OpenRequest request = OpenRequest.of(Path.of(path)).withPolicy(OpenPolicy.everything());
        return format == null ? request : request.withFormat(ImageFormat.valueOf(format.toUpperCase(Locale.ROOT)));
    }
}
