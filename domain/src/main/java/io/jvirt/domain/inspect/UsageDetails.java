// SPDX-License-Identifier: Apache-2.0
package io.jvirt.domain.inspect;

import io.jvirt.domain.libvirt.DomainStats;

/**
 * What a running machine has used since its start.
 *
 * @param residentBytes what its process has of the host's memory
 */
public record UsageDetails(
        long cpuNanos,
        long memoryBytes,
        long residentBytes,
        long readBytes,
        long writtenBytes,
        long receivedBytes,
        long sentBytes) {
    static UsageDetails of(DomainStats stats) {
        return new UsageDetails(
                stats.cpuNanos(),
                stats.memoryBytes(),
                stats.residentBytes(),
                stats.readBytes(),
                stats.writtenBytes(),
                stats.receivedBytes(),
                stats.sentBytes());
    }
}
