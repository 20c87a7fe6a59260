// SPDX-License-Identifier: Apache-2.0
package io.jvirt.domain.inspect;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A network interface of a machine.
 *
 * @param type network, bridge, user, direct, …
 * @param source the network, bridge or device that it is tied to
 * @param target the interface on the host, while it runs
 * @param addresses with their prefix, as a lease, the guest's agent or ARP tells them
 * @param knownAddresses the same, with who tells each
 */
public record InterfaceDetails(
        @Nullable String mac,
        String type,
        @Nullable String source,
        @Nullable String model,
        @Nullable String target,
        List<String> addresses,
        List<GuestAddress> knownAddresses) {}
