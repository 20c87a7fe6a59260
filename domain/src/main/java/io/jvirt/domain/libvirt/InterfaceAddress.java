// SPDX-License-Identifier: Apache-2.0
package io.jvirt.domain.libvirt;

import com.sun.jna.Pointer;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * An address of one of a guest's interfaces.
 *
 * @param mac the interface's MAC address
 * @param prefix the network's length in bits; 0 where unknown
 */
public record InterfaceAddress(@Nullable String mac, String address, int prefix) {
    /** Who knows the addresses. */
    public enum Source {
        /** The DHCP leases of libvirt's networks. */
        LEASE,
        /** The agent in the guest. */
        AGENT,
        /** The host's ARP table. */
        ARP
    }

    // struct _virDomainInterface: char *name, *hwaddr; unsigned int naddrs; virDomainIPAddressPtr addrs
    // struct _virDomainIPAddress: int type; char *addr; unsigned int prefix
    private static final int ADDRESS_BYTES = 24;

    static List<InterfaceAddress> readAndFree(Pointer interfaces, int count) {
        List<InterfaceAddress> found = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            Pointer one = interfaces.getPointer(8L * i);
            String mac = NativeLoader.borrowed(one.getPointer(8));
            int addresses = one.getInt(16);
            Pointer address = one.getPointer(24);
            for (int j = 0; j < addresses; j++) {
                String text = NativeLoader.borrowed(address.getPointer((long) j * ADDRESS_BYTES + 8));
                if (text != null) {
                    found.add(new InterfaceAddress(mac, text, address.getInt((long) j * ADDRESS_BYTES + 16)));
                }
            }
            NativeDomain.virDomainInterfaceFree(one);
        }
        NativeLoader.free(interfaces);
        return found;
    }
}
