// SPDX-License-Identifier: Apache-2.0
package io.jvirt.domain.libvirt;

import com.sun.jna.Pointer;
import io.jvirt.domain.JvirtException;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** A virtual network. */
public final class Network extends NativeObject {
    private static final int XML_INACTIVE = 1;
    private static final int UPDATE_DELETE = 2;
    private static final int UPDATE_ADD_LAST = 3;
    private static final int SECTION_IP_DHCP_HOST = 4;

    private final String name;

    private Network(Pointer network) {
        super(network);
        String known = NativeLoader.borrowed(NativeNetwork.virNetworkGetName(network));
        this.name = known == null ? "" : known;
    }

    /** All networks, active or not; the caller closes each. */
    public static List<Network> list(Host host) {
        long[] out = new long[1];
        int count = check(NativeNetwork.virConnectListAllNetworks(host.pointer(), out, 0), "cannot list the networks");
        Pointer networks = NativeLoader.out(out);
        List<Network> found = new ArrayList<>(count);
        for (int i = 0; networks != null && i < count; i++) {
            found.add(new Network(networks.getPointer(8L * i)));
        }
        NativeLoader.free(networks);
        found.sort((a, b) -> a.name.compareTo(b.name));
        return found;
    }

    /** NOT_FOUND where there is no such network. */
    public static Network find(Host host, String name) {
        Network found = named(host, name);
        if (found == null) {
            throw JvirtException.notFound(
                    "no network '" + name + "' on " + host.uri(), "jvirt net list shows the networks");
        }
        return found;
    }

    /** Null where there is no such network. */
    public static @Nullable Network named(Host host, String name) {
        Pointer network = NativeNetwork.virNetworkLookupByName(host.pointer(), name);
        if (network != null) {
            return new Network(network);
        }
        if (LibvirtException.lastNumber() == ErrorNumber.NO_NETWORK) {
            NativeLibvirt.virResetLastError();
            return null;
        }
        throw LibvirtException.last("cannot look up network '" + name + "'");
    }

    /** Looks a network up by its UUID; null where there is none. */
    public static @Nullable Network withUuid(Host host, String uuid) {
        Pointer network = NativeNetwork.virNetworkLookupByUUIDString(host.pointer(), uuid);
        if (network != null) {
            return new Network(network);
        }
        if (LibvirtException.lastNumber() == ErrorNumber.NO_NETWORK) {
            NativeLibvirt.virResetLastError();
            return null;
        }
        throw LibvirtException.last("cannot look up network " + uuid);
    }

    public static Network define(Host host, String xml) {
        return new Network(check(NativeNetwork.virNetworkDefineXML(host.pointer(), xml), "cannot define the network"));
    }

    public String name() {
        return name;
    }

    public String uuid() {
        byte[] text = new byte[37];
        check(NativeNetwork.virNetworkGetUUIDString(pointer(), text), "cannot read the UUID of" + quoted());
        return uuid(text);
    }

    public boolean isActive() {
        return check(NativeNetwork.virNetworkIsActive(pointer()), "cannot read the state of" + quoted()) == 1;
    }

    public boolean isPersistent() {
        return check(NativeNetwork.virNetworkIsPersistent(pointer()), "cannot read the state of" + quoted()) == 1;
    }

    public boolean autostart() {
        int[] autostart = new int[1];
        check(
                NativeNetwork.virNetworkGetAutostart(pointer(), autostart),
                "cannot read the autostart flag of" + quoted());
        return autostart[0] != 0;
    }

    public void setAutostart(boolean on) {
        check(
                NativeNetwork.virNetworkSetAutostart(pointer(), on ? 1 : 0),
                "cannot set the autostart flag of" + quoted());
    }

    /** The bridge on the host; null where the network has none of its own. */
    public @Nullable String bridge() {
        String found = NativeLoader.owned(NativeNetwork.virNetworkGetBridgeName(pointer()));
        if (found == null) {
            NativeLibvirt.virResetLastError();
        }
        return found;
    }

    public String xml() {
        return text(NativeNetwork.virNetworkGetXMLDesc(pointer(), 0), "cannot read the definition of" + quoted());
    }

    /** The definition that the next start uses. */
    public String inactiveXml() {
        String failure = "cannot read the definition of" + quoted();
        try {
            return text(NativeNetwork.virNetworkGetXMLDesc(pointer(), XML_INACTIVE), failure);
        } catch (LibvirtException e) {
            // Drivers that keep only one definition know no flags.
            if (e.number() == ErrorNumber.INVALID_ARG) {
                return xml();
            }
            throw e;
        }
    }

    /** Adds an element {@code <host>} to the DHCP server's reservations of one of the network's {@code <ip>} elements. */
    public void addReservation(String hostXml, int ipIndex, Scope scope) {
        update(UPDATE_ADD_LAST, hostXml, ipIndex, scope, "cannot add a reservation to");
    }

    public void removeReservation(String hostXml, int ipIndex, Scope scope) {
        update(UPDATE_DELETE, hostXml, ipIndex, scope, "cannot remove a reservation of");
    }

    private void update(int command, String hostXml, int ipIndex, Scope scope, String what) {
        check(
                NativeNetwork.virNetworkUpdate(
                        pointer(), command, SECTION_IP_DHCP_HOST, ipIndex, hostXml, scope.flags()),
                what + quoted());
    }

    public void start() {
        check(NativeNetwork.virNetworkCreate(pointer()), "cannot start" + quoted());
    }

    public void stop() {
        check(NativeNetwork.virNetworkDestroy(pointer()), "cannot stop" + quoted());
    }

    public void undefine() {
        check(NativeNetwork.virNetworkUndefine(pointer()), "cannot undefine" + quoted());
    }

    /** The addresses given out, to one MAC address or, with null, to all. */
    public List<DhcpLease> leases(@Nullable String mac) {
        long[] out = new long[1];
        int count = check(
                NativeNetwork.virNetworkGetDHCPLeases(pointer(), mac, out, 0), "cannot read the leases of" + quoted());
        Pointer leases = NativeLoader.out(out);
        List<DhcpLease> found = new ArrayList<>(count);
        for (int i = 0; leases != null && i < count; i++) {
            Pointer lease = leases.getPointer(8L * i);
            found.add(DhcpLease.read(lease));
            NativeNetwork.virNetworkDHCPLeaseFree(lease);
        }
        NativeLoader.free(leases);
        return found;
    }

    private String quoted() {
        return " network '" + name + "'";
    }

    @Override
    void free(Pointer open) {
        NativeNetwork.virNetworkFree(open);
    }
}
