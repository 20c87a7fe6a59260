// SPDX-License-Identifier: Apache-2.0
package io.jvirt.domain.check;

import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * What the kernel of this machine tells.
 *
 * @param cpuFlags of the first processor
 * @param nested KVM's parameter: Y or 1 where guests may have guests; null where there is no such module
 * @param iommuGroups how many groups of devices the IOMMU keeps apart; 0 without one
 * @param kernelCommandLine what the kernel was started with
 * @param cgroupVersion 2, 1, or 0 where none is mounted
 * @param cgroupControllers what can be limited
 * @param hugepageBytes the size of a huge page
 * @param clockSource what the kernel counts time by
 * @param clockKeeper the program that keeps the clock right; null where none was seen
 * @param isIpForwarding packets may pass through this machine
 */
record MachineFacts(
        Set<String> cpuFlags,
        @Nullable String nested,
        int iommuGroups,
        String kernelCommandLine,
        int cgroupVersion,
        Set<String> cgroupControllers,
        long hugepages,
        long freeHugepages,
        long hugepageBytes,
        String clockSource,
        @Nullable String clockKeeper,
        boolean hasVhostNet,
        boolean hasTun,
        boolean isIpForwarding) {}
