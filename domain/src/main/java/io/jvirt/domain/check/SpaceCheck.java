// SPDX-License-Identifier: Apache-2.0
package io.jvirt.domain.check;

import io.jvirt.domain.SizeText;
import io.jvirt.domain.pool.PoolSummary;
import java.util.ArrayList;
import java.util.List;

/** Whether there is a pool with room for disks. */
final class SpaceCheck implements HostCheck {
    private static final String NAME = "space";
    private static final long LITTLE_BYTES = 5L << 30;

    @Override
    public CheckResult look(CheckFacts facts) {
        List<String> rooms = new ArrayList<>();
        long best = -1;
        for (PoolSummary pool : facts.pools()) {
            Long available = pool.availableBytes();
            if (available != null) {
                rooms.add(pool.name() + " " + SizeText.of(available));
                best = Math.max(best, available);
            }
        }
        if (best < 0) {
            return CheckResult.warn(NAME, "no storage pool is active", "jvirt setup starts or makes the default pool");
        }
        return best < LITTLE_BYTES
                ? CheckResult.warn(
                        NAME,
                        "free: " + String.join(", ", rooms),
                        "jvirt doctor finds volumes that nobody uses; jvirt purge empties the trash")
                : CheckResult.pass(NAME, "free: " + String.join(", ", rooms));
    }
}
