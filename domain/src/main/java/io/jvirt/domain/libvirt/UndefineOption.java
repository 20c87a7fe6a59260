// SPDX-License-Identifier: Apache-2.0
package io.jvirt.domain.libvirt;

/** What goes, or stays, with a domain's definition. Without the fitting option libvirt refuses to undefine such a domain. */
public enum UndefineOption {
    MANAGED_SAVE(1),
    SNAPSHOTS_METADATA(2),
    NVRAM(4),
    KEEP_NVRAM(8),
    CHECKPOINTS_METADATA(16),
    /** From libvirt 8.9 on. */
    TPM(32),
    /** From libvirt 8.9 on. */
    KEEP_TPM(64);

    private final int flag;

    UndefineOption(int flag) {
        this.flag = flag;
    }

    int flag() {
        return flag;
    }
}
