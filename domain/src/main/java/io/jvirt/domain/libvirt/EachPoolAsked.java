// SPDX-License-Identifier: Apache-2.0
package io.jvirt.domain.libvirt;

import io.jvirt.domain.JvirtException;
import java.time.Duration;
import java.util.List;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** Look-ups for which libvirt asks one pool after the other, and waits for one that hangs: they end in bounded time. */
final class EachPoolAsked {
    private static final Duration LIMIT = Duration.ofSeconds(10);

    private EachPoolAsked() {}

    /**
     * What a look-up finds, or null; FAILED where a pool hangs.
     *
     * @param what what is asked, as in {@code PATH is a volume}
     * @param lookUp must not use {@code host}, which may be closed while it still runs, but its pointer
     */
    static <T extends NativeObject> @Nullable T find(Host host, String what, Supplier<@Nullable T> lookUp) {
        List<T> found = Bounded.call(
                "whether " + what,
                LIMIT,
                () -> {
                    T one = lookUp.get();
                    return one == null ? List.of() : List.of(one);
                },
                late -> late.forEach(NativeObject::close));
        if (found == null) {
            host.leaveOpen();
            throw JvirtException.failed(
                    "libvirt has not told within " + LIMIT.toSeconds() + " s whether " + what
                            + ": a storage pool hangs",
                    "jvirt pool list shows which; is its server or device there?");
        }
        return found.isEmpty() ? null : found.get(0);
    }
}
