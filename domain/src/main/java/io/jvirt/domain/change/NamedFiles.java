// SPDX-License-Identifier: Apache-2.0
package io.jvirt.domain.change;

import io.jvirt.domain.JvirtException;
import io.jvirt.domain.libvirt.Host;
import io.jvirt.domain.reference.ReferenceGraph;
import io.jvirt.domain.reference.Use;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/** Files that {@code set} is told to attach: there, and no other machine's disk. Those of another host are not looked at. */
public final class NamedFiles {
    private final Host host;
    private @Nullable ReferenceGraph graph;

    public NamedFiles(Host host) {
        this.host = host;
    }

    /** A medium of a drive: many may read it. */
    public String medium(String file) {
        check(Path.of(file).toAbsolutePath().normalize(), "medium", "check the path");
        return file;
    }

    /** A directory that guests shall see; a machine whose directory is not there does not start. */
    public void directory(String directory) {
        Path path = Path.of(directory).toAbsolutePath().normalize();
        if (host.isRemote() || Files.isDirectory(path)) {
            return;
        }
        throw Files.exists(path)
                ? JvirtException.usage(path + " is no directory", "name the one that the guest shall see")
                : JvirtException.notFound("the directory " + path + " does not exist", "mkdir -p " + path);
    }

    /** @param isShared the user says that it has other users, or that it is not written to */
    void disk(String file, boolean isShared) throws IOException {
        Path path = Path.of(file).toAbsolutePath().normalize();
        check(path, "disk", "check the path; --add-disk 20G,path=" + path + " makes one");
        if (isShared || host.isRemote()) {
            return;
        }
        if (graph == null) {
            graph = ReferenceGraph.read(host);
        }
        for (Use use : graph.uses(path.toString())) {
            if (!use.isTrashed()) {
                throw JvirtException.refused(
                        "the disk " + path + " is used by " + use,
                        "two users of one disk destroy it; shareable=yes says that their guests can share it");
            }
        }
    }

    private void check(Path path, String what, String hint) {
        if (host.isRemote()) {
            return;
        }
        if (Files.isDirectory(path)) {
            throw JvirtException.usage("the " + what + " " + path + " is a directory", "name a file in it");
        }
        if (!Files.exists(path)) {
            throw JvirtException.notFound("the " + what + " " + path + " does not exist", hint);
        }
    }
}
