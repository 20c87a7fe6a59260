// SPDX-License-Identifier: Apache-2.0
package io.jvirt.domain.change;

import io.jvirt.domain.JvirtException;
import io.jvirt.domain.ShellWord;
import io.jvirt.domain.delete.RemovedDisk;
import io.jvirt.domain.journal.Step;
import io.jvirt.domain.libvirt.Host;
import io.jvirt.domain.xml.DomainXml;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.List;

/** A disk that is removed and whose file then goes into the trash. */
record DiskToTrash(DeviceRemoval removal, String target) implements Change {
    @Override
    public String summary() {
        return removal.summary();
    }

    @Override
    public void define(DomainXml definition) {
        removal.define(definition);
    }

    @Override
    public List<Step> live(Host host, DomainXml running) {
        List<Step> unplug = removal.live(host, running);
        if (unplug.isEmpty()) {
            String name = running.get(DomainXml.NAME, "");
            throw JvirtException.refused(
                    "disk '" + target + "' cannot be unplugged while '" + name
                            + "' runs: its file cannot go into the trash",
                    "jvirt stop " + ShellWord.quoted(name) + ", then remove it; or keep the file: --remove-disk "
                            + target);
        }
        return unplug;
    }

    /** Nobody may have it any more: neither the running machine nor the definition. */
    JvirtException half(String name) {
        return JvirtException.refused(
                "disk '" + target + "' of '" + name + "' would still be used: its file cannot go into the trash",
                "leave --live and --config out, or keep the file: --remove-disk " + target);
    }

    /** libvirt goes on from saved memory with the disks of then. */
    @Override
    public void refuseSaved(String name) {
        throw JvirtException.refused(
                "domain '" + name + "' has saved memory, which uses disk '" + target
                        + "': its file cannot go into the trash",
                "jvirt start " + ShellWord.quoted(name) + ", then remove it; or keep the file: --remove-disk "
                        + target);
    }

    @Override
    public List<Step> last(Host host, DomainXml definition) {
        try {
            return RemovedDisk.toTrash(host, definition, target);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
