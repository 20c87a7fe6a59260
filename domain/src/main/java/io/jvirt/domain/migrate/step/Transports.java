// SPDX-License-Identifier: Apache-2.0
package io.jvirt.domain.migrate.step;

import io.jvirt.domain.JvirtException;
import io.jvirt.domain.libvirt.Host;
import io.jvirt.domain.libvirt.Volume;
import io.jvirt.domain.transfer.Route;
import io.jvirt.domain.transfer.Transport;
import io.jvirt.domain.transfer.VolumeTransport;
import io.jvirt.domain.transfer.wire.RemoteFile;
import io.jvirt.domain.transfer.wire.WireSession;
import io.jvirt.domain.transfer.wire.WireTransport;
import io.jvirt.domain.transfer.wire.WireUnavailableException;
import io.jvirt.domain.transfer.wire.Wires;
import java.io.IOException;

/** Chooses what carries a shipment's bytes. */
final class Transports {
    private Transports() {}

    /** To a volume that is there. */
    static Transport of(Shipment shipment, Host target, Volume volume, long bytesPerSecond) throws IOException {
        Route.Way way = shipment.route().way();
        // Only jvirt itself can write into an image.
        boolean isNeeded = way == Route.Way.SSH || shipment.isWrittenAsGuest();
        if (isNeeded || way == Route.Way.AUTO) {
            try {
                WireSession session = Wires.session(shipment.uri());
                if (isNeeded || RemoteFile.ofBytes(session, shipment.path()).exists()) {
                    return new WireTransport(
                            Wires.session(shipment.uri()),
                            shipment.path(),
                            shipment.isWrittenAsGuest(),
                            bytesPerSecond,
                            shipment.route().compression());
                }
            } catch (WireUnavailableException e) {
                if (isNeeded) {
                    throw JvirtException.failed(
                            "jvirt on " + shipment.uri() + " cannot be used over ssh: " + e.getMessage(),
                            "install jvirt there (in the path of ssh's shell, or name it: JVIRT_REMOTE=PATH), or leave"
                                    + " --transport ssh out");
                }
            }
        }
        return new VolumeTransport(target, volume, bytesPerSecond);
    }
}
