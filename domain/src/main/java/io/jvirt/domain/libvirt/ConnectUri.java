// SPDX-License-Identifier: Apache-2.0
package io.jvirt.domain.libvirt;

import java.io.File;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Which libvirt a command talks to.
 *
 * @param uri libvirt's connection URI
 * @param chosen somebody named it (option or environment); else it was found
 */
record ConnectUri(String uri, boolean chosen) {
    static final String SYSTEM = "qemu:///system";
    static final String SESSION = "qemu:///session";
    private static final String[] SYSTEM_SOCKETS = {"/run/libvirt/libvirt-sock", "/run/libvirt/virtqemud-sock"};

    /** The named one, else JVIRT_URI, LIBVIRT_DEFAULT_URI, else the system's where its socket may be used, else the user's own. */
    static ConnectUri resolve(@Nullable String named) {
        return resolve(named, System.getenv(), "root".equals(System.getProperty("user.name")), SYSTEM_SOCKETS);
    }

    static ConnectUri resolve(@Nullable String named, Map<String, String> environment, boolean root, String[] sockets) {
        if (named != null && !named.isBlank()) {
            return new ConnectUri(named, true);
        }
        for (String variable : new String[] {"JVIRT_URI", "LIBVIRT_DEFAULT_URI"}) {
            String value = environment.get(variable);
            if (value != null && !value.isBlank()) {
                return new ConnectUri(value, true);
            }
        }
        // For root a session of its own would hide that the daemon is down.
        if (root) {
            return new ConnectUri(SYSTEM, false);
        }
        for (String socket : sockets) {
            if (new File(socket).canWrite()) {
                return new ConnectUri(SYSTEM, false);
            }
        }
        return new ConnectUri(SESSION, false);
    }

    /** libvirt's driver without a daemon, for trying things out. */
    boolean isTestDriver() {
        return uri.startsWith("test:");
    }

    /** The host's name in a URI to another host, or null. */
    static @Nullable String remoteHost(String uri) {
        int start = uri.indexOf("://");
        if (start < 0) {
            return null;
        }
        int end = uri.indexOf('/', start + 3);
        String authority = end < 0 ? uri.substring(start + 3) : uri.substring(start + 3, end);
        authority = authority.substring(authority.indexOf('@') + 1);
        if (authority.startsWith("[")) {
            int close = authority.indexOf(']');
            return close < 0 ? null : authority.substring(1, close);
        }
        int colon = authority.indexOf(':');
        String host = colon < 0 ? authority : authority.substring(0, colon);
        return host.isEmpty() ? null : host;
    }
}
