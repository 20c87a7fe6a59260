// SPDX-License-Identifier: Apache-2.0
package io.jvirt.domain.libvirt;

import java.nio.file.Path;

/** Where the QEMU driver of this machine keeps what no definition need name. */
public final class StatePlaces {
    private StatePlaces() {}

    /** The file of the managed save. */
    public static Path savedState(String uri, String name) {
        return directory(uri).resolve("save").resolve(name + ".save");
    }

    /** The variables of a firmware that libvirt chose. */
    public static Path nvram(String uri, String name) {
        return directory(uri).resolve("nvram").resolve(name + "_VARS.fd");
    }

    private static Path directory(String uri) {
        if (!uri.endsWith("/session")) {
            return Path.of("/var/lib/libvirt/qemu");
        }
        String xdg = System.getenv("XDG_CONFIG_HOME");
        Path configuration = xdg != null && xdg.startsWith("/")
                ? Path.of(xdg)
                : Path.of(System.getProperty("user.home", "/"), ".config");
        return configuration.resolve("libvirt/qemu");
    }
}
