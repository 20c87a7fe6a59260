// SPDX-License-Identifier: Apache-2.0
package io.jvirt.domain.migrate;

import io.jvirt.domain.ShellWord;
import io.jvirt.domain.libvirt.Network;
import io.jvirt.domain.xml.device.Interface;

/** Whether the target has the networks, bridges and devices that the network cards are on. */
final class NetworkCheck implements MoveCheck {
    @Override
    public void run(Move move, Findings findings) {
        int number = 0;
        for (Interface card : move.xml().interfaces()) {
            number++;
            String network = card.get(Interface.SOURCE_NETWORK);
            if (network != null) {
                network(move, network, findings);
            }
            String bridge = card.get(Interface.SOURCE_BRIDGE);
            if (bridge != null
                    && "bridge".equals(card.get(Interface.TYPE))
                    && !move.target().hasNetworkDevice(bridge)) {
                findings.blocker(
                        "bridge",
                        "the target has no bridge " + bridge,
                        "make it there, or change the card: jvirt set " + move.word() + " --network " + number
                                + ",bridge=BRIDGE");
            }
            String device = card.get(Interface.SOURCE_DEVICE);
            if (device != null
                    && "direct".equals(card.get(Interface.TYPE))
                    && !move.target().hasNetworkDevice(device)) {
                findings.blocker(
                        "network",
                        "the target has no network device " + device,
                        "change the card's source here: jvirt edit " + move.word());
            }
        }
    }

    private static void network(Move move, String name, Findings findings) {
        String wanted = move.request().networkMap().getOrDefault(name, name);
        if (!wanted.equals(name)) {
            findings.remap("network", "network '" + name + "' is '" + wanted + "' on the target");
        }
        try (Network network = Network.named(move.target(), wanted)) {
            if (network == null) {
                findings.blocker(
                        "network",
                        "the target has no network '" + wanted + "'",
                        "--network-map " + name + "=OTHER takes another one");
            } else if (!network.isActive()) {
                findings.blocker(
                        "network",
                        "network '" + wanted + "' on the target is inactive",
                        "jvirt -c " + ShellWord.quoted(move.request().targetUri()) + " net start "
                                + ShellWord.quoted(wanted));
            }
        }
    }
}
