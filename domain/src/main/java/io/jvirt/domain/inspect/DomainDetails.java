// SPDX-License-Identifier: Apache-2.0
package io.jvirt.domain.inspect;

import io.jvirt.domain.libvirt.DomainState;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A machine as a whole.
 *
 * @param id its number while it runs
 * @param type kvm or qemu (emulation)
 * @param snapshots how many; null where the driver has none
 * @param jobs what is being done to it now
 * @param usage null while it is off
 * @param firmware bios or uefi
 * @param memoryBytes its maximum
 * @param currentMemoryBytes what the balloon leaves the guest, or is to leave it at the start
 * @param vcpus its maximum
 * @param currentVcpus those that are plugged in, or will be at the start
 * @param console the host's terminal of the first serial console while it runs
 */
public record DomainDetails(
        String name,
        String uuid,
        @Nullable Integer id,
        @Nullable String title,
        @Nullable String description,
        DomainState state,
        String reason,
        boolean persistent,
        boolean autostart,
        @Nullable Boolean managedSave,
        @Nullable Integer snapshots,
        List<String> snapshotNames,
        List<JobDetails> jobs,
        @Nullable UsageDetails usage,
        String type,
        @Nullable String architecture,
        @Nullable String machine,
        String firmware,
        @Nullable String os,
        long memoryBytes,
        long currentMemoryBytes,
        long vcpus,
        long currentVcpus,
        @Nullable String cpu,
        List<DiskDetails> disks,
        List<InterfaceDetails> interfaces,
        List<GraphicsDetails> graphics,
        @Nullable String console) {}
