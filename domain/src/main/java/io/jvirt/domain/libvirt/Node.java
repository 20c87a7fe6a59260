// SPDX-License-Identifier: Apache-2.0
package io.jvirt.domain.libvirt;

import com.sun.jna.Pointer;
import java.nio.charset.StandardCharsets;

/**
 * A host's processors and memory.
 *
 * @param cpuModel the architecture, as libvirt names it
 * @param freeMemoryBytes 0 where the driver does not say
 */
public record Node(
        String cpuModel,
        long memoryBytes,
        long freeMemoryBytes,
        int cpus,
        int mhz,
        int numaNodes,
        int sockets,
        int cores,
        int threads) {
    // struct _virNodeInfo: char model[32]; unsigned long memory (KiB); unsigned int cpus, mhz, nodes, sockets, cores,
    // threads
    static final int SIZE_BYTES = 64;

    static Node read(Pointer info, long freeMemoryBytes) {
        byte[] model = info.getByteArray(0, 32);
        int length = 0;
        while (length < model.length && model[length] != 0) {
            length++;
        }
        return new Node(
                new String(model, 0, length, StandardCharsets.UTF_8),
                info.getLong(32) * 1024,
                freeMemoryBytes,
                info.getInt(40),
                info.getInt(44),
                info.getInt(48),
                info.getInt(52),
                info.getInt(56),
                info.getInt(60));
    }
}
