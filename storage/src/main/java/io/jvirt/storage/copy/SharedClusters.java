// SPDX-License-Identifier: Apache-2.0
package io.jvirt.storage.copy;

import java.util.Arrays;

/** How many compressed clusters begin in, or reach into, each host cluster. */
final class SharedClusters {
    private int[] counts = new int[1024];
    private int length;

    void increment(long fromCluster, long toCluster) {
        if (toCluster >= counts.length) {
            counts = Arrays.copyOf(counts, (int) Math.max(toCluster + 1, counts.length * 2L));
        }
        for (long i = fromCluster; i <= toCluster; i++) {
            counts[(int) i]++;
        }
        length = (int) Math.max(length, toCluster + 1);
    }

    /** 0 for a cluster that holds nothing compressed. */
    int count(long cluster) {
        return cluster < length ? counts[(int) cluster] : 0;
    }
}
