// SPDX-License-Identifier: Apache-2.0
package io.jvirt.domain.inspect;

import java.util.List;

/**
 * An address of a guest, and who says so.
 *
 * @param address with its prefix, where that is known
 * @param sources lease, agent, arp
 */
public record GuestAddress(String address, List<String> sources) {}
