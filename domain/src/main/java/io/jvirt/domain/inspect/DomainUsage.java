// SPDX-License-Identifier: Apache-2.0
package io.jvirt.domain.inspect;

import io.jvirt.domain.libvirt.DomainState;
import io.jvirt.domain.libvirt.DomainStats;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * What a domain uses now: the rates between two looks.
 *
 * @param cpuPercent of one processor: two that are busy make 200
 * @param memoryBytes what it may have; {@code residentBytes} what it takes of the host's
 */
public record DomainUsage(
        String name,
        DomainState state,
        double cpuPercent,
        int vcpus,
        long memoryBytes,
        long residentBytes,
        long readBytesPerSecond,
        long writtenBytesPerSecond,
        long receivedBytesPerSecond,
        long sentBytesPerSecond) {

    /**
     * The usage of each domain of the later look. One that was started between the two has no rates yet.
     *
     * @param between the time between the looks
     */
    public static List<DomainUsage> of(List<DomainStats> earlier, List<DomainStats> later, Duration between) {
        Map<String, DomainStats> before = new HashMap<>();
        for (DomainStats stats : earlier) {
            before.put(stats.uuid() + " " + stats.id(), stats);
        }
        List<DomainUsage> usage = new ArrayList<>();
        for (DomainStats now : later) {
            DomainStats then = before.getOrDefault(now.uuid() + " " + now.id(), now);
            double seconds = Math.max(between.toNanos(), 1) / 1e9;
            double cpu = Math.max(now.cpuNanos() - then.cpuNanos(), 0) / 1e7 / seconds;
            usage.add(new DomainUsage(
                    now.name(),
                    now.state(),
                    Math.round(cpu * 10) / 10.0,
                    now.vcpus(),
                    now.memoryBytes(),
                    now.residentBytes(),
                    rate(then.readBytes(), now.readBytes(), seconds),
                    rate(then.writtenBytes(), now.writtenBytes(), seconds),
                    rate(then.receivedBytes(), now.receivedBytes(), seconds),
                    rate(then.sentBytes(), now.sentBytes(), seconds)));
        }
        return usage;
    }

    /** A counter that went back was reset: a device was replaced. */
    private static long rate(long then, long now, double seconds) {
        return Math.round(Math.max(now - then, 0) / seconds);
    }
}
