// SPDX-License-Identifier: Apache-2.0
package io.jvirt.domain.clone;

import io.jvirt.domain.JvirtException;
import io.jvirt.domain.ShellWord;
import io.jvirt.domain.libvirt.Domain;
import io.jvirt.domain.libvirt.Host;
import io.jvirt.domain.reference.DomainDisk;
import io.jvirt.domain.reference.ReferenceGraph;
import io.jvirt.domain.reference.Use;
import io.jvirt.domain.step.ProtectBaseStep;
import io.jvirt.domain.xml.DomainXml;
import io.jvirt.domain.xml.device.Disk;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;

/** Keeps a machine from writing to a disk that clones lie on. */
public final class BaseProtection {
    private static final int SHOWN = 3;

    private BaseProtection() {}

    /**
     * Refuses to start a machine with a protected disk that is the base of others; where the others have gone, gives the
     * disk back to it. Looks at the permissions of its disks first, and at all other images only where one is protected.
     */
    public static void beforeStart(Host host, Domain domain) {
        if (host.isRemote()) {
            return;
        }
        try {
            for (Disk disk : DomainXml.parse(domain.isPersistent() ? domain.inactiveXml() : domain.xml())
                    .disks()) {
                String path = disk.isDisk() && disk.get(Disk.READONLY) == null ? DomainDisk.pathOf(host, disk) : null;
                if (path != null && Files.isRegularFile(Path.of(path)) && ProtectBaseStep.isProtected(Path.of(path))) {
                    refuseOrRelease(host, domain, Path.of(path));
                }
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static void refuseOrRelease(Host host, Domain domain, Path path) throws IOException {
        Path directory = path.toRealPath().getParent();
        ReferenceGraph references =
                ReferenceGraph.read(host, domain.uuid(), directory == null ? Set.of() : Set.of(directory));
        List<Use> uses = references.uses(path.toString());
        List<String> users = users(uses);
        if (!users.isEmpty()) {
            String shown = String.join(", ", users.subList(0, Math.min(SHOWN, users.size())))
                    + (users.size() > SHOWN ? " and " + (users.size() - SHOWN) + " more" : "");
            if (uses.stream().allMatch(Use::isTrashed)) {
                throw JvirtException.refused(
                        "domain '" + domain.name() + "' cannot be started: clones in the trash still lie on its disk "
                                + path,
                        "jvirt purge CLONE removes one for good, jvirt undelete CLONE brings it back");
            }
            throw JvirtException.refused(
                    "domain '" + domain.name() + "' cannot be started: its disk " + path + " is the base of " + shown
                            + ", which a change to it would destroy",
                    "make another clone: jvirt clone " + ShellWord.quoted(domain.name()) + " NAME --mode linked");
        }
        if (Files.isWritable(path)) {
            ProtectBaseStep.release(path);
        }
    }

    /** The domains on top of it; where there is none, the images. */
    private static List<String> users(List<Use> uses) {
        Set<String> domains = new TreeSet<>();
        Set<String> images = new TreeSet<>();
        for (Use use : uses) {
            if (use.domain() != null) {
                domains.add("'" + use.domain() + "'");
            } else {
                images.add(String.valueOf(use.image()));
            }
        }
        return List.copyOf(domains.isEmpty() ? images : domains);
    }
}
