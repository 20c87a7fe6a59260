// SPDX-License-Identifier: Apache-2.0
package io.jvirt.domain.doctor;

import io.jvirt.domain.ShellWord;
import io.jvirt.domain.SizeText;
import io.jvirt.domain.doctor.Finding.Severity;
import io.jvirt.domain.libvirt.PoolState;
import io.jvirt.domain.pool.PoolSummary;
import io.jvirt.domain.pool.PoolType;
import java.util.function.Consumer;

/** Pools that are nearly full, off though they start with the host, or do not answer. */
final class Pools implements DoctorCheck {
    /** Below this share, or this size, a pool's guests will soon stop at a write. */
    private static final int LOW_PERCENT = 10;

    private static final int FULL_PERCENT = 2;
    private static final long ENOUGH_BYTES = 100L << 30;

    @Override
    public void look(DoctorFacts facts, Consumer<Finding> found) {
        for (PoolSummary pool : facts.pools()) {
            String subject = "pool '" + pool.name() + "'";
            if (pool.problem() != null) {
                found.accept(new Finding(
                        Severity.ERROR,
                        "pool-silent",
                        subject,
                        pool.problem(),
                        "look at its server or device; a mount that hangs goes with: umount -f -l TARGET"));
            } else if (pool.state() != PoolState.RUNNING && pool.autostart()) {
                found.accept(new Finding(
                        Severity.WARNING,
                        "pool-off",
                        subject,
                        "it is " + pool.state().text() + ", though it starts with the host",
                        "jvirt pool start " + ShellWord.quoted(pool.name())));
            }
            space(pool, subject, found);
        }
    }

    private static void space(PoolSummary pool, String subject, Consumer<Finding> found) {
        Long capacity = pool.capacityBytes();
        Long available = pool.availableBytes();
        // A volume group or a disk is meant to be given away whole.
        if (capacity == null || available == null || capacity == 0 || !PoolType.isDirectory(pool.type())) {
            return;
        }
        long percent = available * 100 / capacity;
        if (percent < LOW_PERCENT && available < ENOUGH_BYTES) {
            found.accept(new Finding(
                    percent < FULL_PERCENT ? Severity.ERROR : Severity.WARNING,
                    "pool-nearly-full",
                    subject,
                    "only " + SizeText.of(available) + " of " + SizeText.of(capacity) + " are free",
                    "jvirt pool info " + ShellWord.quoted(pool.name())
                            + " shows what takes the space; jvirt purge empties the trash"));
        }
    }
}
