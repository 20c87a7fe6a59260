// SPDX-License-Identifier: Apache-2.0
package io.jvirt.storage.file;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.util.HexFormat;
import java.util.Random;
import org.junit.jupiter.api.Test;

class Sha256Test {
    private final Sha256 hash = new Sha256();

    /** Every Debian with ssh has the library: without it the product works, and this says why it is slow. */
    @Test
    void theSystemsLibraryIsFound() {
        assertThat(LibCrypto.load()).isTrue();
    }

    @Test
    void itIsTheStandardsHashInAndOutsideOfTheHeap() throws Exception {
        byte[] abc = "abc".getBytes(StandardCharsets.US_ASCII);
        String known = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";
        assertThat(HexFormat.of().formatHex(hash.hash(ByteBuffer.wrap(abc), 0, 3)))
                .isEqualTo(known);
        ByteBuffer outside = ByteBuffer.allocateDirect(200_000);
        outside.put(5, abc);
        assertThat(HexFormat.of().formatHex(hash.hash(outside, 5, 3))).isEqualTo(known);
        Random random = new Random(1);
        byte[] bytes = new byte[200_000];
        random.nextBytes(bytes);
        outside.put(0, bytes);
        for (int i = 0; i < 50; i++) {
            int from = random.nextInt(1000);
            int length = random.nextInt(bytes.length - from);
            MessageDigest expected = MessageDigest.getInstance("SHA-256");
            expected.update(bytes, from, length);
            byte[] inside = hash.hash(ByteBuffer.wrap(bytes), from, length);
            assertThat(inside).isEqualTo(expected.digest());
            assertThat(hash.hash(outside, from, length)).isEqualTo(inside);
        }
        assertThat(outside.position()).isZero();
        assertThat(outside.limit()).isEqualTo(200_000);
    }
}
