// SPDX-License-Identifier: Apache-2.0
package io.jvirt.domain.libvirt;

import com.sun.jna.Pointer;
import io.jvirt.domain.JvirtException;
import io.jvirt.domain.Similar;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Finds domains by what a user calls them. */
final class DomainLookup {
    private static final String LIST = "jvirt list shows the domains";

    private DomainLookup() {}

    /** A name wins over a number: a domain may be called "5". */
    static Domain find(Host host, String wanted) {
        if (wanted.isEmpty()) {
            throw JvirtException.usage("a domain's name is empty", LIST);
        }
        Domain found = byName(host, wanted);
        if (found == null && isUuid(wanted)) {
            found = byUuid(host, wanted);
        }
        if (found == null && isNumber(wanted)) {
            found = byId(host, Integer.parseInt(wanted));
        }
        if (found == null) {
            throw JvirtException.notFound("no domain '" + wanted + "' on " + host.uri(), hint(host, wanted));
        }
        return found;
    }

    private static String hint(Host host, String wanted) {
        List<String> names = new ArrayList<>();
        for (DomainSummary domain : host.listDomains(false)) {
            names.add(domain.name());
        }
        String similar = Similar.to(wanted, names);
        return similar == null ? LIST : "did you mean '" + similar + "'? " + LIST;
    }

    static @Nullable Domain byName(Host host, String name) {
        return orNull(
                NativeLibvirt.virDomainLookupByName(host.pointer(), name), "cannot look up domain '" + name + "'");
    }

    static @Nullable Domain byUuid(Host host, String uuid) {
        return orNull(NativeLibvirt.virDomainLookupByUUIDString(host.pointer(), uuid), "cannot look up domain " + uuid);
    }

    private static @Nullable Domain byId(Host host, int id) {
        return orNull(NativeLibvirt.virDomainLookupByID(host.pointer(), id), "cannot look up domain " + id);
    }

    private static @Nullable Domain orNull(@Nullable Pointer domain, String what) {
        if (domain != null) {
            return new Domain(domain);
        }
        if (LibvirtException.lastNumber() == ErrorNumber.NO_DOMAIN) {
            NativeLibvirt.virResetLastError();
            return null;
        }
        throw LibvirtException.last(what);
    }

    /** 32 hexadecimal digits, with dashes or without: what libvirt parses. */
    static boolean isUuid(String text) {
        int digits = 0;
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            if (Character.digit(c, 16) >= 0 && c < 128) {
                digits++;
            } else if (c != '-') {
                return false;
            }
        }
        return digits == 32;
    }

    private static boolean isNumber(String text) {
        for (int i = 0; i < text.length(); i++) {
            if (text.charAt(i) < '0' || text.charAt(i) > '9') {
                return false;
            }
        }
        return text.length() < 10;
    }
}
