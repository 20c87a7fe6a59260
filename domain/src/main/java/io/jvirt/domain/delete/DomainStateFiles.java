// SPDX-License-Identifier: Apache-2.0
package io.jvirt.domain.delete;

import io.jvirt.domain.libvirt.Domain;
import io.jvirt.domain.libvirt.Host;
import io.jvirt.domain.libvirt.StatePlaces;
import io.jvirt.domain.trash.TrashedFile.Kind;
import io.jvirt.domain.xml.DomainXml;
import io.jvirt.domain.xml.device.Tpm;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** The files that libvirt itself keeps of a domain of this machine, at its default places. */
public final class DomainStateFiles {
    private DomainStateFiles() {}

    /** Those that exist. */
    static Map<Kind, Path> of(String uri, DomainXml xml, String name, String uuid) {
        Map<Kind, Path> found = new LinkedHashMap<>();
        String nvram = xml.get(DomainXml.NVRAM);
        if (nvram != null && !nvram.isBlank()) {
            put(found, Kind.NVRAM, Path.of(nvram));
        } else if (xml.get(DomainXml.FIRMWARE) != null) {
            // Where libvirt chooses the firmware, the definition may not name what it made.
            put(found, Kind.NVRAM, StatePlaces.nvram(uri, name));
        }
        put(found, Kind.SAVED_STATE, StatePlaces.savedState(uri, name));
        boolean emulated = false;
        for (Tpm tpm : xml.tpms()) {
            emulated |= "emulator".equals(tpm.get(Tpm.BACKEND));
        }
        if (emulated && uri.endsWith("/system")) {
            put(found, Kind.TPM, Path.of("/var/lib/libvirt/swtpm", uuid));
        }
        return found;
    }

    /**
     * Whether the next start of a domain goes on from saved memory. libvirt looks for the file then; before, it only knows of
     * those that it wrote since it started itself, or found when it did.
     */
    public static boolean hasSavedState(Host host, Domain domain) {
        if (domain.hasManagedSave()) {
            return true;
        }
        String uri = host.uri();
        return uri.startsWith("qemu:") && !host.isRemote() && Files.exists(StatePlaces.savedState(uri, domain.name()));
    }

    private static void put(Map<Kind, Path> found, Kind kind, @Nullable Path path) {
        if (path != null && Files.exists(path)) {
            found.put(kind, path);
        }
    }
}
