// SPDX-License-Identifier: Apache-2.0
package io.jvirt.domain.migrate;

import io.jvirt.domain.xml.DomainXml;
import org.jspecify.annotations.Nullable;

/** Where a machine with UEFI keeps its variables. */
final class Nvram {
    /** Of the system's libvirt; a definition that lets libvirt choose the firmware need not name the file. */
    private static final String DIRECTORY = "/var/lib/libvirt/qemu/nvram/";

    private Nvram() {}

    /** Null where it has none; the file need not exist before the first start. */
    static @Nullable String pathOf(DomainXml xml) {
        String named = xml.get(DomainXml.NVRAM);
        if (named != null && !named.isBlank()) {
            return named;
        }
        boolean uefi = "efi".equals(xml.get(DomainXml.FIRMWARE)) || "pflash".equals(xml.get(DomainXml.LOADER_TYPE));
        return uefi ? DIRECTORY + fileName(xml.get(DomainXml.NAME, "")) : null;
    }

    /** The definition does not name it: its name follows from the domain's. */
    static boolean isImplicit(DomainXml xml) {
        String named = xml.get(DomainXml.NVRAM);
        return named == null || named.isBlank();
    }

    static String fileName(String domain) {
        return domain + "_VARS.fd";
    }
}
