// SPDX-License-Identifier: Apache-2.0
/** Virtual networks: making them where their addresses are free, DHCP reservations, and who is on them. */
@NullMarked
package io.jvirt.domain.network;

import org.jspecify.annotations.NullMarked;
