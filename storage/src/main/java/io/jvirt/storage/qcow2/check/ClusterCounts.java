// SPDX-License-Identifier: Apache-2.0
package io.jvirt.storage.qcow2.check;

import io.jvirt.storage.StorageException;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A count for each host cluster in one byte: 16 MiB for a full terabyte of 64 KiB clusters. Pages exist where there is
 * something to count; a page with counts of 255 and more has a wide one beside it.
 */
final class ClusterCounts {
    static final int PAGE_BITS = 16;
    static final int PAGE_CLUSTERS = 1 << PAGE_BITS;
    static final int LARGE = 255;
    private static final int MAX_HUGE = 1 << 16;

    private static final VarHandle LONG = MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.nativeOrder());
    private static final long SIGN_BITS = 0x8080_8080_8080_8080L;

    private final String imageName;
    private final int maxPages;
    private byte[] @Nullable [] pages = new byte[64] @Nullable [];
    private int usedPages;

    /** Counts where the byte says 255, by page; those that no int holds are 2^31 - 1 here and stand in {@link #huge}. */
    private final Map<Integer, int[]> wide = new HashMap<>();

    /** The wide page of the last look: tables that refer to one place do so millions of times. */
    private int lastWide = -1;

    private int @Nullable [] lastWideCounts;

    private final Map<Long, Long> huge = new HashMap<>();

    ClusterCounts(String imageName, int maxPages) {
        this.imageName = imageName;
        this.maxPages = maxPages;
    }

    long get(long cluster) {
        int page = (int) (cluster >>> PAGE_BITS);
        byte[] counts = page < pages.length ? pages[page] : null;
        if (counts == null) {
            return 0;
        }
        int count = counts[(int) cluster & (PAGE_CLUSTERS - 1)] & 0xff;
        return count < LARGE ? count : large(cluster);
    }

    private long large(long cluster) {
        int[] counts = wide((int) (cluster >>> PAGE_BITS));
        int count = counts == null ? LARGE : counts[(int) cluster & (PAGE_CLUSTERS - 1)];
        return count < Integer.MAX_VALUE ? count : huge.getOrDefault(cluster, (long) count);
    }

    private int @Nullable [] wide(int number) {
        if (number != lastWide) {
            lastWideCounts = wide.get(number);
            lastWide = number;
        }
        return lastWideCounts;
    }

    private void setLarge(long cluster, long count) throws StorageException {
        int number = (int) (cluster >>> PAGE_BITS);
        int[] counts = wide(number);
        if (counts == null) {
            takePages(Integer.BYTES);
            counts = new int[PAGE_CLUSTERS];
            wide.put(number, counts);
            lastWideCounts = counts;
        }
        // A refcount of 64 bits may look negative.
        boolean isHuge = count < 0 || count >= Integer.MAX_VALUE;
        counts[(int) cluster & (PAGE_CLUSTERS - 1)] = isHuge ? Integer.MAX_VALUE : (int) count;
        if (isHuge) {
            if (huge.size() >= MAX_HUGE) {
                throw new StorageException(
                        "'" + imageName + "': it has refcounts that no image comes to", "repair it with check -r all");
            }
            huge.put(cluster, count);
        }
    }

    /** The count, or 255 for every count from there on. */
    int getCapped(long cluster) {
        int page = (int) (cluster >>> PAGE_BITS);
        byte[] counts = page < pages.length ? pages[page] : null;
        return counts == null ? 0 : counts[(int) cluster & (PAGE_CLUSTERS - 1)] & 0xff;
    }

    void add(long cluster, long amount) throws StorageException {
        byte[] counts = page((int) (cluster >>> PAGE_BITS));
        int index = (int) cluster & (PAGE_CLUSTERS - 1);
        int count = counts[index] & 0xff;
        if (count + amount < LARGE) {
            counts[index] = (byte) (count + amount);
        } else {
            set(cluster, get(cluster) + amount);
        }
    }

    void set(long cluster, long count) throws StorageException {
        byte[] counts = page((int) (cluster >>> PAGE_BITS));
        int index = (int) cluster & (PAGE_CLUSTERS - 1);
        if (count < LARGE) {
            counts[index] = (byte) count;
        } else {
            counts[index] = (byte) LARGE;
            setLarge(cluster, count);
        }
    }

    /** The page that holds a cluster's count, or null where all are 0. A byte of 255 stands for any count above. */
    byte @Nullable [] pageOf(long cluster) {
        int page = (int) (cluster >>> PAGE_BITS);
        return page < pages.length ? pages[page] : null;
    }

    /** Adds all counts of another, which is of no use afterwards. */
    void addAll(ClusterCounts other) throws StorageException {
        for (int number = 0; number < other.pages.length; number++) {
            byte[] from = other.pages[number];
            if (from == null) {
                continue;
            }
            byte[] to = page(number);
            for (int i = 0; i < PAGE_CLUSTERS; i += Long.BYTES) {
                long added = (long) LONG.get(from, i);
                long present = (long) LONG.get(to, i);
                if (((added | present) & SIGN_BITS) == 0) {
                    // All eight are below 128, so no sum carries into its neighbour.
                    LONG.set(to, i, added + present);
                } else {
                    for (int j = i; j < i + Long.BYTES; j++) {
                        if (from[j] != 0) {
                            long cluster = ((long) number << PAGE_BITS) + j;
                            set(cluster, get(cluster) + other.get(cluster));
                        }
                    }
                }
            }
        }
    }

    /** Whether the counts that do not fit into a byte are the same. */
    boolean sameLargeCounts(ClusterCounts other) {
        if (!wide.keySet().equals(other.wide.keySet())) {
            return false;
        }
        for (int page : wide.keySet()) {
            byte[] counts = pages[page];
            for (int i = 0; counts != null && i < PAGE_CLUSTERS; i++) {
                long cluster = ((long) page << PAGE_BITS) + i;
                if ((counts[i] & 0xff) == LARGE && large(cluster) != other.get(cluster)) {
                    return false;
                }
            }
        }
        return true;
    }

    /** The highest cluster with a count, or -1. */
    long highest() {
        for (int number = pages.length - 1; number >= 0; number--) {
            byte[] counts = pages[number];
            if (counts == null) {
                continue;
            }
            for (int i = PAGE_CLUSTERS - 1; i >= 0; i--) {
                if (counts[i] != 0) {
                    return ((long) number << PAGE_BITS) + i;
                }
            }
        }
        return -1;
    }

    /** The page that holds a cluster's count, made if need be: for counting many neighbours below {@link #LARGE}. */
    byte[] writablePageOf(long cluster) throws StorageException {
        return page((int) (cluster >>> PAGE_BITS));
    }

    private byte[] page(int number) throws StorageException {
        if (number >= pages.length) {
            pages = Arrays.copyOf(pages, Math.max(number + 1, pages.length * 2));
        }
        byte[] counts = pages[number];
        if (counts == null) {
            takePages(1);
            counts = new byte[PAGE_CLUSTERS];
            pages[number] = counts;
        }
        return counts;
    }

    private void takePages(int count) throws StorageException {
        usedPages += count;
        if (usedPages > maxPages) {
            throw new StorageException(
                    "'" + imageName + "': its tables name places all over a file that is nearly empty",
                    "convert the image to a new one");
        }
    }
}
