// SPDX-License-Identifier: Apache-2.0
package io.jvirt.domain.reference;

import io.jvirt.domain.JvirtException;
import io.jvirt.domain.ShellWord;
import io.jvirt.domain.libvirt.Host;
import io.jvirt.storage.file.ImageLock;
import java.nio.file.Path;

/** A file that somebody has open whom no definition here names: a program, or a machine of another host. */
public final class OpenFile {
    private OpenFile() {}

    /**
     * Throws REFUSED where it is used, also for reading.
     *
     * @param what how the message begins: {@code volume 'a.qcow2'}
     * @param otherwise what the user can do about it but stop the other, beginning with a semicolon; may be empty
     */
    public static void refuse(Host host, String path, String what, String otherwise) {
        if (!host.isRemote() && ImageLock.isInUse(Path.of(path))) {
            throw JvirtException.refused(
                    what + " is open in another program, or in a machine that runs on another host",
                    "lsof " + ShellWord.quoted(path) + " shows a program of this host" + otherwise);
        }
    }

    /** Whether somebody writes to it. */
    public static boolean isWritten(Host host, String path) {
        return !host.isRemote() && ImageLock.isWritten(Path.of(path));
    }
}
