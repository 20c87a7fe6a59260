// SPDX-License-Identifier: Apache-2.0
package io.jvirt.domain.create;

import io.jvirt.domain.JvirtException;
import io.jvirt.domain.journal.Step;
import io.jvirt.domain.libvirt.Host;
import io.jvirt.domain.libvirt.StatePlaces;
import io.jvirt.domain.step.DiskFileStep;
import io.jvirt.storage.ImageFormat;
import io.jvirt.storage.Preallocation;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** The variables of a UEFI firmware, boot entries among them, in a file of each machine's own. */
public final class FirmwareVariables {
    private static final long SECTOR_BYTES = 512;

    private FirmwareVariables() {}

    /**
     * The step that makes a copy of them.
     *
     * @param inUse the machine that they are of runs
     */
    public static Step copy(Path original, Path own, boolean inUse) throws IOException {
        NewFile.checkedDirectory(own, "choose another name");
        long bytes = (Files.size(original) + SECTOR_BYTES - 1) / SECTOR_BYTES * SECTOR_BYTES;
        return new DiskFileStep(new DiskFileStep.Spec(
                own,
                ImageFormat.RAW,
                bytes,
                Preallocation.OFF,
                inUse ? DiskFileStep.Content.FLATTEN_SHARED : DiskFileStep.Content.FLATTEN,
                original,
                ImageFormat.RAW,
                null));
    }

    /** The step that puts a template's where libvirt looks for those of a new machine before it makes some. */
    static Step ofTemplate(Host host, Path template, String name) throws IOException {
        String fresh = "nvram: none in a template that extends it starts with the firmware's own";
        if (host.isRemote()) {
            throw JvirtException.failed(
                    "the template's firmware variables are on this machine, and " + host.uri() + " is another one",
                    "run jvirt on that host, or " + fresh);
        }
        if (!Files.isRegularFile(template)) {
            throw JvirtException.notFound("the firmware's variables " + template + " do not exist", fresh);
        }
        Path own = StatePlaces.nvram(host.uri(), name);
        Path directory = own.getParent();
        if (directory == null || !Files.isWritable(directory)) {
            throw JvirtException.failed(
                    "the firmware's variables go to " + directory + ", where this user cannot write",
                    "run it as root, or " + fresh);
        }
        return copy(template, own, false);
    }
}
