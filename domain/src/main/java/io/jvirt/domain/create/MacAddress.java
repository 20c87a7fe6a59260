// SPDX-License-Identifier: Apache-2.0
package io.jvirt.domain.create;

import java.security.SecureRandom;

/** Addresses of network interfaces. */
public final class MacAddress {
    /** The range that QEMU's and libvirt's users know. */
    public static final String LIBVIRT_PREFIX = "52:54:00";

    private MacAddress() {}

    /** Three random bytes behind the three of a prefix such as {@code 52:54:00}. */
    public static String random(String prefix) {
        int random = new SecureRandom().nextInt();
        StringBuilder mac = new StringBuilder(prefix);
        for (int shift = 16; shift >= 0; shift -= 8) {
            mac.append(':')
                    .append(Integer.toHexString(0x100 | ((random >> shift) & 0xff))
                            .substring(1));
        }
        return mac.toString();
    }
}
