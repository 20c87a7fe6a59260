// SPDX-License-Identifier: Apache-2.0
package io.jvirt.domain.network;

import io.jvirt.domain.Cancellation;
import io.jvirt.domain.JvirtException;
import io.jvirt.domain.ShellWord;
import io.jvirt.domain.journal.Journal;
import io.jvirt.domain.journal.JournalName;
import io.jvirt.domain.journal.Operation;
import io.jvirt.domain.libvirt.Host;
import io.jvirt.domain.libvirt.Network;
import io.jvirt.domain.step.NetworkStep;
import java.util.List;
import java.util.UUID;

/** The verb {@code net create}. */
public final class NetworkCreation {
    private NetworkCreation() {}

    /** Throws what speaks against the network; returns it with the subnet that it will have. Changes nothing. */
    public static NetworkPlan check(Host host, NetworkPlan plan) {
        plan.check();
        try (Network there = Network.named(host, plan.name())) {
            if (there != null) {
                throw JvirtException.failed(
                        "network '" + plan.name() + "' exists already",
                        "jvirt net info " + ShellWord.quoted(plan.name()) + " shows it");
            }
        }
        if (!host.isRemote() && !host.hypervisor().equalsIgnoreCase("test")) {
            checkDevices(plan);
        }
        if (plan.mode() == ForwardMode.BRIDGE) {
            return plan;
        }
        AddressClash clash = AddressClash.read(host);
        for (String subnet : plan.subnets()) {
            clash.refuse(subnet);
        }
        if (!plan.subnets().isEmpty()) {
            return plan;
        }
        String free = clash.freeSubnet();
        if (free == null) {
            throw JvirtException.failed(
                    "no subnet of 192.168.0.0/16 is free on this host", "choose another one with --subnet");
        }
        return plan.withSubnet(free);
    }

    /** Looks at this machine, which has to be the host. */
    static void checkDevices(NetworkPlan plan) {
        String bridge = plan.bridge();
        String device = plan.device();
        if (device != null && !HostBridge.isTaken(device)) {
            throw JvirtException.notFound(
                    "there is no network device '" + device + "' on this host", "ip link lists them");
        }
        if (bridge == null) {
            return;
        }
        if (plan.mode() == ForwardMode.BRIDGE) {
            if (!HostBridge.exists(bridge)) {
                throw JvirtException.notFound(
                        "there is no bridge '" + bridge + "' on this host",
                        "make it in the host's network configuration, or for now: ip link add " + bridge
                                + " type bridge; ip link show type bridge lists those that there are");
            }
        } else if (HostBridge.isTaken(bridge)) {
            throw JvirtException.refused(
                    "a network device '" + bridge + "' exists already on this host",
                    "choose another --bridge, or --forward bridge to plug guests into it");
        }
    }

    /** Makes it; a network that cannot be started is not left behind. */
    public static NetworkSummary perform(
            Host host, Journal journal, NetworkPlan wanted, boolean start, boolean autostart, Cancellation cancellation)
            throws Exception {
        NetworkPlan plan = check(host, wanted);
        String uuid = UUID.randomUUID().toString();
        NetworkStep step = new NetworkStep(new NetworkStep.Spec(plan.name(), uuid, plan.xml(uuid), start, autostart));
        try (Operation operation =
                journal.begin("net-create", host.uri(), List.of(JournalName.network(plan.name())), List.of(step))) {
            operation.perform(host, cancellation, (planned, undoing) -> {});
        }
        try (Network made = Network.find(host, plan.name())) {
            return NetworkSummary.of(made);
        }
    }
}
