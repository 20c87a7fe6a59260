// SPDX-License-Identifier: Apache-2.0
package io.jvirt.domain.transfer;

import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/**
 * Digests of copies that this process has made, so that what they were made from need not be read once more to compare them.
 * Nothing of it outlives the process: after a break it is.
 */
public final class Verified {
    private static final Map<String, String> DIGESTS = new ConcurrentHashMap<>();

    private Verified() {}

    /** The digest of what was sent to that place is known. */
    public static void put(String place, String fingerprint, String digest) {
        DIGESTS.put(place + " " + fingerprint, digest);
    }

    /** The digest, once; null where it is not known. */
    public static @Nullable String take(String place, String fingerprint) {
        return DIGESTS.remove(place + " " + fingerprint);
    }
}
