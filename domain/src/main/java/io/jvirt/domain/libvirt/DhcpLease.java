// SPDX-License-Identifier: Apache-2.0
package io.jvirt.domain.libvirt;

import com.sun.jna.Pointer;
import org.jspecify.annotations.Nullable;

/**
 * An address that a network's DHCP server gave out.
 *
 * @param expirySeconds since 1970, UTC
 */
public record DhcpLease(
        String networkInterface,
        long expirySeconds,
        boolean ipv6,
        @Nullable String mac,
        String address,
        int prefix,
        @Nullable String hostname) {
    // struct _virNetworkDHCPLease: char *iface; long long expirytime; int type; char *mac, *iaid, *ipaddr;
    // unsigned int prefix; char *hostname, *clientid
    static DhcpLease read(Pointer lease) {
        String iface = NativeLoader.borrowed(lease.getPointer(0));
        String address = NativeLoader.borrowed(lease.getPointer(40));
        return new DhcpLease(
                iface == null ? "" : iface,
                lease.getLong(8),
                lease.getInt(16) == 1,
                NativeLoader.borrowed(lease.getPointer(24)),
                address == null ? "" : address,
                lease.getInt(48),
                NativeLoader.borrowed(lease.getPointer(56)));
    }
}
