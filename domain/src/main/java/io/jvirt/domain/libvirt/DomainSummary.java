// SPDX-License-Identifier: Apache-2.0
package io.jvirt.domain.libvirt;

/**
 * One line of a list of domains.
 *
 * @param id the running domain's number, -1 where it is off
 * @param uuid empty where it was not asked for
 */
public record DomainSummary(
        int id, String name, String uuid, DomainStatus status, boolean persistent, boolean autostart) {}
