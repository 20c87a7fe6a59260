// SPDX-License-Identifier: Apache-2.0
package io.jvirt.domain.image;

import io.jvirt.domain.Cancellation;
import io.jvirt.domain.JvirtException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.LongConsumer;
import org.jspecify.annotations.Nullable;

/**
 * A checksum that still proves something.
 *
 * @param algorithm sha256, sha384 or sha512
 * @param hex in lower case
 */
public record Checksum(String algorithm, String hex) {
    private static final Map<String, Integer> DIGITS = Map.of("sha256", 64, "sha384", 96, "sha512", 128);
    private static final int BUFFER_BYTES = 1 << 18;

    /** {@code sha256:HEX}, or the digits alone, whose number tells the algorithm. */
    public static Checksum parse(String text) {
        int colon = text.indexOf(':');
        String hex = text.substring(colon + 1).strip().toLowerCase(Locale.ROOT);
        String algorithm =
                colon < 0 ? algorithmOf(hex) : text.substring(0, colon).toLowerCase(Locale.ROOT);
        if (algorithm == null || !DIGITS.containsKey(algorithm)) {
            throw JvirtException.usage(
                    "the checksum '" + text + "' is of no kind that proves anything",
                    "write sha256:HEX, sha384:HEX or sha512:HEX");
        }
        if (!hex.matches("[0-9a-f]+") || hex.length() != DIGITS.get(algorithm)) {
            throw JvirtException.usage(
                    "the checksum '" + text + "' is not one of " + algorithm + ", which has " + DIGITS.get(algorithm)
                            + " hexadecimal digits",
                    "copy it whole, as " + algorithm + ":HEX");
        }
        return new Checksum(algorithm, hex);
    }

    /** Null where the number of digits is that of no algorithm known here. */
    static @Nullable String algorithmOf(String hex) {
        for (Map.Entry<String, Integer> each : DIGITS.entrySet()) {
            if (hex.length() == each.getValue()) {
                return each.getKey();
            }
        }
        return null;
    }

    /** Reads a file once for several algorithms. */
    static Map<String, String> of(Path file, List<String> algorithms, LongConsumer done, Cancellation cancellation)
            throws IOException {
        List<MessageDigest> digests = new ArrayList<>();
        for (String algorithm : algorithms) {
            digests.add(digest(algorithm));
        }
        byte[] buffer = new byte[BUFFER_BYTES];
        long bytes = 0;
        try (InputStream in = Files.newInputStream(file)) {
            for (int n = in.read(buffer); n >= 0; n = in.read(buffer)) {
                cancellation.check();
                for (MessageDigest digest : digests) {
                    digest.update(buffer, 0, n);
                }
                bytes += n;
                done.accept(bytes);
            }
        }
        Map<String, String> hex = new LinkedHashMap<>();
        for (int i = 0; i < digests.size(); i++) {
            hex.put(algorithms.get(i), HexFormat.of().formatHex(digests.get(i).digest()));
        }
        return hex;
    }

    static MessageDigest digest(String algorithm) {
        try {
            return MessageDigest.getInstance(algorithm.replace("sha", "SHA-"));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e);
        }
    }

    @Override
    public String toString() {
        return algorithm + ":" + hex;
    }
}
