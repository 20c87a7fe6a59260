// SPDX-License-Identifier: Apache-2.0
package io.jvirt.domain.transfer;

/** Whether bytes are compressed on their way. */
public enum Compression {
    /** Where the link is slower than the processor. */
    AUTO,
    ZSTD,
    NONE
}
