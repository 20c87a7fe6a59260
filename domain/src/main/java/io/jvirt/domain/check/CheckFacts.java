// SPDX-License-Identifier: Apache-2.0
package io.jvirt.domain.check;

import io.jvirt.domain.host.KvmVerdict;
import io.jvirt.domain.libvirt.Version;
import io.jvirt.domain.network.NetworkSummary;
import io.jvirt.domain.pool.PoolSummary;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What is known of a host. Of another machine only what its libvirt tells: {@code machine} is then null.
 *
 * @param architecture libvirt's name: x86_64
 * @param libvirt the daemon's version
 * @param library the version of libvirt's library in this process
 * @param machineTypes those that QEMU offers for the host's architecture
 * @param firmwares how a machine can boot: bios, efi
 */
record CheckFacts(
        String uri,
        String architecture,
        KvmVerdict kvm,
        Version libvirt,
        Version library,
        Version qemu,
        List<String> machineTypes,
        List<String> firmwares,
        List<PoolSummary> pools,
        List<NetworkSummary> networks,
        long memoryBytes,
        long freeMemoryBytes,
        @Nullable MachineFacts machine) {}
