// SPDX-License-Identifier: Apache-2.0
package io.jvirt.cli.disk;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.Random;
import org.junit.jupiter.api.Test;

class NumbersTest {
    @Test
    void theQuickWayRoundsAsTheExactOne() {
        Random random = new Random(7);
        for (int i = 0; i < 20_000; i++) {
            // Sizes in units of 1024, ties among them.
            double value = random.nextLong(1L << 40) / Math.pow(1024, random.nextInt(4));
            int digits = 1 + random.nextInt(6);
            assertEquals(
                    value == 0 ? "0" : Numbers.exactly(value, digits),
                    Numbers.significant(value, digits),
                    () -> value + " with " + digits + " digits");
        }
    }

    @Test
    void tiesGoToTheEvenDigit() {
        assertEquals("0.125", Numbers.significant(0.125, 3));
        assertEquals("1.12", Numbers.significant(1.125, 3));
        assertEquals("1.38", Numbers.significant(1.375, 3));
        assertEquals("100", Numbers.significant(100.5, 3));
        assertEquals("1e+03", Numbers.significant(999.5, 3));
        assertEquals("1.5", Numbers.significant(1.5, 3));
    }
}
