// SPDX-License-Identifier: Apache-2.0
package io.jvirt.domain.check;

import io.jvirt.domain.SizeText;

/** Whether there is memory for guests. */
final class MemoryCheck implements HostCheck {
    private static final String NAME = "memory";
    private static final long LITTLE_BYTES = 512L << 20;

    @Override
    public CheckResult look(CheckFacts facts) {
        String text = SizeText.of(facts.freeMemoryBytes()) + " of " + SizeText.of(facts.memoryBytes()) + " free";
        return facts.freeMemoryBytes() > 0 && facts.freeMemoryBytes() < LITTLE_BYTES
                ? CheckResult.warn(NAME, text, "jvirt list --running shows what takes it")
                : CheckResult.pass(NAME, text);
    }
}
