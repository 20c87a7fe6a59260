// SPDX-License-Identifier: Apache-2.0
package io.jvirt.domain.migrate;

import java.io.IOException;
import java.util.List;

/** Compares the two hosts in one respect. Changes nothing. */
@FunctionalInterface
interface MoveCheck {
    List<MoveCheck> ALL = List.of(
            new StateCheck(),
            new IdentityCheck(),
            new HypervisorCheck(),
            new NetworkCheck(),
            new MediaCheck(),
            new DeviceCheck());

    void run(Move move, Findings findings) throws IOException;
}
