// SPDX-License-Identifier: Apache-2.0
package io.jvirt.domain.network;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.jvirt.domain.JvirtException;
import io.jvirt.domain.JvirtException.Kind;
import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Devices of this machine that a network needs, or that are in its way. */
class HostDevicesTest {
    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '"',
            value = {
                "BRIDGE | | nosuch0 | NOT_FOUND | there is no bridge 'nosuch0' on this host | make it in the host's network"
                        + " configuration, or for now: ip link add nosuch0 type bridge; ip link show type bridge lists those"
                        + " that there are",
                "NAT | | lo | REFUSED | a network device 'lo' exists already on this host | choose another --bridge, or"
                        + " --forward bridge to plug guests into it",
                "ROUTE | nosuch0 | | NOT_FOUND | there is no network device 'nosuch0' on this host | ip link lists them",
            })
    void areLookedAt(ForwardMode mode, String device, String bridge, Kind kind, String message, String hint) {
        NetworkPlan plan = new NetworkPlan("lan", mode, device, bridge, List.of(), false, null, null, null);
        JvirtException e = catchThrowableOfType(JvirtException.class, () -> NetworkCreation.checkDevices(plan));
        assertThat(e).hasMessage(message);
        assertThat(e.hint()).isEqualTo(hint);
        assertThat(e.kind()).isEqualTo(kind);
    }
}
