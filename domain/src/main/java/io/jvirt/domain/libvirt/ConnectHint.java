// SPDX-License-Identifier: Apache-2.0
package io.jvirt.domain.libvirt;

import java.util.Set;
import org.jspecify.annotations.Nullable;

/** What to do about a connection that could not be opened. */
final class ConnectHint {
    private static final String START_DAEMON =
            "libvirt's daemon is not running: systemctl start libvirtd (without systemd: virtlogd -d; libvirtd -d)."
                    + " ./jvirt sets up a host that has no libvirt yet";

    private ConnectHint() {}

    private static final String URI_FORMS =
            "URIs look like qemu:///system, qemu:///session, qemu+ssh://root@HOST/system";
    private static final Set<String> DRIVERS =
            Set.of("qemu", "test", "xen", "lxc", "ch", "vbox", "vz", "openvz", "bhyve", "esx", "vpx", "gsx", "hyperv");

    static @Nullable String of(String uri, int number, String reason) {
        String host = ConnectUri.remoteHost(uri);
        return host == null ? local(uri, number, reason) : remote(uri, host, number, reason);
    }

    private static @Nullable String local(String uri, int number, String reason) {
        int colon = uri.indexOf(':');
        // libvirt hands an unknown driver on to the daemon, and complains of that where it is off.
        if (colon >= 0 && !DRIVERS.contains(uri.substring(0, colon).replaceFirst("\\+.*", ""))) {
            return URI_FORMS;
        }
        if (reason.contains("Permission denied")
                || reason.contains("olkit")
                || number == ErrorNumber.AUTH_UNAVAILABLE
                || number == ErrorNumber.AUTH_FAILED
                || number == ErrorNumber.ACCESS_DENIED) {
            return "join the group libvirt (sudo usermod -aG libvirt $USER, then log in again), or use your own"
                    + " machines: jvirt -c qemu:///session";
        }
        if (reason.contains("No such file or directory") || reason.contains("Connection refused")) {
            return START_DAEMON;
        }
        if (colon < 0) {
            return "give a URI; for another host: jvirt -c qemu+ssh://root@" + uri + "/system …";
        }
        if (number == ErrorNumber.NO_CONNECT) {
            return URI_FORMS;
        }
        return null;
    }

    private static @Nullable String remote(String uri, String host, int number, String reason) {
        if (reason.contains("Host key verification failed")) {
            return "ssh does not know the host yet: connect once with ssh " + host + " and check its key";
        }
        if (reason.contains("Permission denied") || number == ErrorNumber.AUTH_FAILED) {
            return uri.contains("ssh")
                    ? "ssh could not log in: try ssh " + host + ", and ssh-copy-id to install your key"
                    : "the host refused the credentials; see auth.conf in libvirt's documentation";
        }
        if (reason.contains("No such file or directory") || reason.contains("libvirt-sock")) {
            return "libvirt's daemon is not running there: ssh " + host + " systemctl start libvirtd";
        }
        if (reason.contains("command not found") || reason.contains("nc: not found")) {
            return "libvirt is not installed there, or netcat is missing";
        }
        if (number == ErrorNumber.UNKNOWN_HOST
                || reason.contains("resolve")
                || reason.contains("Name or service not known")) {
            return "is the host's name right?";
        }
        if (reason.contains("refused") || reason.contains("No route") || reason.contains("unreachable")) {
            return "is " + host + " up, and does it listen? qemu+ssh://root@" + host + "/system needs only its sshd";
        }
        if (reason.contains("certificate") || reason.contains(".pem")) {
            return "TLS needs certificates on both hosts; qemu+ssh://root@" + host + "/system does not";
        }
        return "try: ssh " + host + " virsh list";
    }
}
