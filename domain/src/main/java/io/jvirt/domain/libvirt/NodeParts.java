// SPDX-License-Identifier: Apache-2.0
package io.jvirt.domain.libvirt;

import com.sun.jna.Pointer;

/** Looks for parts of a host. */
final class NodeParts {
    private static final int NETWORK_DEVICES = 1 << 4;

    private NodeParts() {}

    static boolean hasNetworkDevice(Pointer connection, String name) {
        Pointer found = NativeNode.virInterfaceLookupByName(connection, name);
        if (found != null) {
            NativeNode.virInterfaceFree(found);
            return true;
        }
        boolean answered = LibvirtException.lastNumber() == ErrorNumber.NO_INTERFACE;
        NativeLibvirt.virResetLastError();
        // A daemon without the driver for interfaces may still list devices.
        return !answered && hasNodeDevice(connection, name);
    }

    private static boolean hasNodeDevice(Pointer connection, String name) {
        long[] out = new long[1];
        int count = NativeNode.virConnectListAllNodeDevices(connection, out, NETWORK_DEVICES);
        if (count < 0) {
            throw LibvirtException.last("cannot list the host's network devices");
        }
        Pointer devices = NativeLoader.out(out);
        boolean has = false;
        for (int i = 0; devices != null && i < count; i++) {
            Pointer device = devices.getPointer(8L * i);
            String xml = NativeLoader.owned(NativeNode.virNodeDeviceGetXMLDesc(device, 0));
            has |= xml != null && xml.contains("<interface>" + name + "</interface>");
            NativeNode.virNodeDeviceFree(device);
        }
        NativeLoader.free(devices);
        return has;
    }

    static boolean hasSecret(Pointer connection, String uuid) {
        Pointer found = NativeNode.virSecretLookupByUUIDString(connection, uuid);
        if (found != null) {
            NativeNode.virSecretFree(found);
            return true;
        }
        if (LibvirtException.lastNumber() != ErrorNumber.NO_SECRET) {
            throw LibvirtException.last("cannot look up the secret " + uuid);
        }
        NativeLibvirt.virResetLastError();
        return false;
    }
}
