// SPDX-License-Identifier: Apache-2.0
package io.jvirt.domain.inspect;

import static org.assertj.core.api.Assertions.assertThat;

import io.jvirt.domain.libvirt.DomainState;
import io.jvirt.domain.libvirt.DomainStats;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;

class DomainUsageTest {
    private static DomainStats stats(int id, long cpuNanos, long read, long sent) {
        return new DomainStats("web", "u", id, DomainState.RUNNING, 2, cpuNanos, 1L << 30, 1L << 29, read, 0, 0, sent);
    }

    @Test
    void ratesOverTheTimeBetween() {
        DomainUsage usage = DomainUsage.of(
                        List.of(stats(1, 5_000_000_000L, 1000, 0)),
                        List.of(stats(1, 8_000_000_000L, 5000, 600)),
                        Duration.ofSeconds(2))
                .get(0);
        assertThat(usage.cpuPercent()).isEqualTo(150.0);
        assertThat(usage.readBytesPerSecond()).isEqualTo(2000);
        assertThat(usage.sentBytesPerSecond()).isEqualTo(300);
        assertThat(usage.residentBytes()).isEqualTo(1L << 29);
    }

    @Test
    void aDomainThatWasStartedMeanwhileHasNoRates() {
        DomainUsage usage = DomainUsage.of(
                        List.of(stats(1, 5_000_000_000L, 0, 0)),
                        List.of(stats(2, 9_000_000_000L, 5000, 0)),
                        Duration.ofSeconds(1))
                .get(0);
        assertThat(usage.cpuPercent()).isZero();
        assertThat(usage.readBytesPerSecond()).isZero();
    }

    @Test
    void aCounterThatWasResetIsNoRate() {
        DomainUsage usage = DomainUsage.of(
                        List.of(stats(1, 0, 5000, 0)), List.of(stats(1, 0, 10, 0)), Duration.ofSeconds(1))
                .get(0);
        assertThat(usage.readBytesPerSecond()).isZero();
    }
}
