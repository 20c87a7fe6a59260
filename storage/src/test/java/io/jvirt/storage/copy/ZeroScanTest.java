// SPDX-License-Identifier: Apache-2.0
package io.jvirt.storage.copy;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ZeroScanTest {
    private static final int MARGIN = 16;

    @ParameterizedTest
    @ValueSource(ints = {1, 7, 8, 9, 511, 4096, 65535, 65536, 65537, 200_000})
    void seesEachByteOfTheRangeAndNoneBesideIt(int lengthBytes) {
        for (ByteOrder order : new ByteOrder[] {ByteOrder.BIG_ENDIAN, ByteOrder.LITTLE_ENDIAN}) {
            ByteBuffer buffer =
                    ByteBuffer.allocateDirect(lengthBytes + 2 * MARGIN).order(order);
            buffer.put(MARGIN - 1, (byte) 1).put(MARGIN + lengthBytes, (byte) 1);
            assertThat(ZeroScan.isZero(buffer, MARGIN, lengthBytes)).isTrue();
            for (int at : new int[] {0, 1, lengthBytes / 3, lengthBytes / 2, lengthBytes - 1}) {
                if (at < lengthBytes) {
                    buffer.put(MARGIN + at, (byte) 0x80);
                    assertThat(ZeroScan.isZero(buffer, MARGIN, lengthBytes))
                            .as("byte %d of %d", at, lengthBytes)
                            .isFalse();
                    buffer.put(MARGIN + at, (byte) 0);
                }
            }
            assertThat(buffer.position()).isZero();
        }
    }
}
