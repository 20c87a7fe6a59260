// SPDX-License-Identifier: Apache-2.0
package io.jvirt.domain.migrate;

import io.jvirt.domain.DomainName;
import io.jvirt.domain.JvirtException;
import java.util.regex.Pattern;

/** Where {@code --to} leads. */
public final class TargetUri {
    /** A name or an address, with a user and a port or without. */
    private static final Pattern HOST = Pattern.compile(
            "([A-Za-z0-9_][A-Za-z0-9_.-]*@)?([A-Za-z0-9_][A-Za-z0-9_.-]*|\\[[0-9A-Fa-f:.]+])(:[0-9]{1,5})?");

    private TargetUri() {}

    /** A URI as it is; a host, with a user or without, stands for its system libvirt over ssh, as root. */
    public static String of(String hostOrUri) {
        if (hostOrUri.contains("://")) {
            return hostOrUri;
        }
        if (!HOST.matcher(hostOrUri).matches()) {
            throw JvirtException.usage(
                    "'" + DomainName.escaped(hostOrUri) + "' is no host's name and no URI of libvirt",
                    "such as kvm2, admin@kvm2 or qemu+ssh://root@kvm2/system");
        }
        return "qemu+ssh://" + (hostOrUri.contains("@") ? "" : "root@") + hostOrUri + "/system";
    }
}
