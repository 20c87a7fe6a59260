// SPDX-License-Identifier: Apache-2.0
package io.jvirt.domain.create;

import io.jvirt.domain.JvirtException;
import io.jvirt.domain.SizeText;
import io.jvirt.domain.libvirt.Pool;
import io.jvirt.storage.Preallocation;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Adds up what the new disks need at once and at most, by where they go. */
public final class SpaceNeeds {
    /** An empty image's tables, with room to spare. */
    private static final long EMPTY_IMAGE_BYTES = 1 << 20;

    private static final class Need {
        private final long availableBytes;
        private long nowBytes;
        private long laterBytes;

        Need(long availableBytes) {
            this.availableBytes = availableBytes;
        }
    }

    private final Map<String, Need> needs = new LinkedHashMap<>();

    public void add(Path directory, long sizeBytes, Preallocation preallocation, long copiedBytes) {
        // Not through Files.getFileStore: it looks for a mount point, and inside a chroot there may be none to find.
        long available = directory.toFile().getUsableSpace();
        boolean whole = preallocation == Preallocation.FALLOC || preallocation == Preallocation.FULL;
        add(directory.toString(), available, whole ? sizeBytes : Math.max(EMPTY_IMAGE_BYTES, copiedBytes), sizeBytes);
    }

    public void addPool(Pool pool, long allocationBytes, long sizeBytes) {
        add("pool '" + pool.name() + "'", pool.space().availableBytes(), allocationBytes, sizeBytes);
    }

    private void add(String place, long available, long now, long later) {
        Need need = needs.computeIfAbsent(place, p -> new Need(available));
        need.nowBytes = saturated(need.nowBytes + now);
        need.laterBytes = saturated(need.laterBytes + later);
    }

    private static long saturated(long sum) {
        return sum < 0 ? Long.MAX_VALUE : sum;
    }

    public void check(List<String> notes) {
        needs.forEach((place, need) -> {
            if (need.nowBytes > need.availableBytes) {
                throw JvirtException.failed(
                        "no space in " + place + ": " + SizeText.of(need.nowBytes) + " needed, "
                                + SizeText.of(need.availableBytes) + " free",
                        "make room, choose another place with --pool or --dir, or a smaller disk");
            }
            if (need.laterBytes > need.availableBytes) {
                notes.add("the disks can grow to " + SizeText.of(need.laterBytes) + ", and " + place + " has "
                        + SizeText.of(need.availableBytes) + " free");
            }
        });
    }
}
