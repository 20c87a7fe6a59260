// SPDX-License-Identifier: Apache-2.0
package io.jvirt.domain.migrate;

/** Where {@code --to} leads. */
public final class TargetUri {
    private TargetUri() {}

    /** A URI as it is; a host, with a user or without, stands for its system libvirt over ssh, as root. */
    public static String of(String hostOrUri) {
        if (hostOrUri.contains("://")) {
            return hostOrUri;
        }
        return "qemu+ssh://" + (hostOrUri.contains("@") ? "" : "root@") + hostOrUri + "/system";
    }
}
