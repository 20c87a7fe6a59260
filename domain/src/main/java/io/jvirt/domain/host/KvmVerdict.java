// SPDX-License-Identifier: Apache-2.0
package io.jvirt.domain.host;

/**
 * Whether guests run under KVM on a host.
 *
 * @param works a guest ran its firmware there, as fast as hardware does
 * @param reason why, in a few words that fit after "KVM works: " or "KVM does not work: "
 */
public record KvmVerdict(boolean works, String reason) {
    /** libvirt's word for the domain type that fits: {@code kvm}, or {@code qemu} for emulation (TCG). */
    public String domainType() {
        return works ? "kvm" : "qemu";
    }
}
