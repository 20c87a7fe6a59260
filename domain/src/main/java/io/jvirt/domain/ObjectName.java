// SPDX-License-Identifier: Apache-2.0
package io.jvirt.domain;

import java.util.regex.Pattern;

/** Names of new pools and networks: libvirt makes files of them, and scripts cut lines at blanks. */
public final class ObjectName {
    private static final Pattern GOOD = Pattern.compile("[^\\s\\p{Cntrl}/-][^\\s\\p{Cntrl}/]*");

    private ObjectName() {}

    /**
     * Throws USAGE where a name will not do.
     *
     * @param kind what gets it: {@code pool}
     */
    public static void check(String kind, String name) {
        if (!GOOD.matcher(name).matches()) {
            throw JvirtException.usage(
                    "'" + DomainName.escaped(name) + "' cannot be a " + kind + "'s name",
                    "use letters, digits, '-' and '_'");
        }
    }
}
