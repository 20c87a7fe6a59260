// SPDX-License-Identifier: Apache-2.0
package io.jvirt.domain.clone;

import io.jvirt.domain.JvirtException;
import io.jvirt.domain.ShellWord;
import io.jvirt.domain.libvirt.Domain;
import io.jvirt.domain.libvirt.Host;
import io.jvirt.domain.step.SetAsideStep;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;

/** An original that runs: it goes on in overlays while its disks, which then do not change, are copied. */
final class RunningSource {
    private static final int NAME_DIGITS = 8;

    private RunningSource() {}

    /** What can be known before the disks are looked at. */
    static void check(Host host, Domain source, CloneRequest request) {
        String stop = "jvirt stop " + ShellWord.quoted(source.name()) + ", then clone it";
        if (!host.hypervisor().equalsIgnoreCase("QEMU")) {
            throw JvirtException.refused(
                    "domain '" + source.name() + "' is running, and a copy of disks that change is worth nothing",
                    stop);
        }
        if (host.isRemote()) {
            throw JvirtException.refused(
                    "domain '" + source.name() + "' is running, and its disks can only be copied on its own host",
                    "run jvirt there, or " + stop);
        }
        if (request.mode() == CloneMode.LINKED) {
            throw JvirtException.refused(
                    "domain '" + source.name() + "' is running and would write to the base of a linked clone",
                    "--mode full, or " + stop);
        }
    }

    /** @param disks those that are cloned */
    static SetAsideStep setAside(Domain source, List<SourceDisk> disks) {
        String mark = UUID.randomUUID().toString().substring(0, NAME_DIGITS);
        List<SetAsideStep.Aside> asides = new ArrayList<>();
        for (SourceDisk disk : disks) {
            if (!(disk.place() instanceof SourceDisk.Place.Directory place)) {
                throw JvirtException.refused(
                        "domain '" + source.name() + "' is running, and the clone of its disk " + disk.path()
                                + " would be made by libvirt, which needs it off",
                        "clone into a directory of this machine: --dir DIRECTORY, or stop it: jvirt stop "
                                + ShellWord.quoted(source.name()));
            }
            Path path = Path.of(disk.path());
            boolean isFile = Files.isRegularFile(path);
            Path directory = isFile ? path.toAbsolutePath().getParent() : place.path();
            String file = source.name() + "-" + disk.target() + ".while-cloned-" + mark;
            asides.add(new SetAsideStep.Aside(
                    disk.target(),
                    disk.path(),
                    disk.format().id(),
                    !isFile,
                    (directory == null ? place.path() : directory).resolve(file)));
        }
        return new SetAsideStep(source.name(), source.uuid(), asides);
    }
}
