// SPDX-License-Identifier: Apache-2.0
package io.jvirt.cli;

import io.jvirt.domain.JvirtException;

/** The process's exit codes; {@code disk} verbs keep qemu-img's own. */
public enum ExitCode {
    DONE(0),
    FAILED(1),
    USAGE(2),
    NOT_FOUND(3),
    REFUSED(4),
    NEEDS_RECOVERY(5),
    INTERRUPTED(130);

    private final int value;

    ExitCode(int value) {
        this.value = value;
    }

    public int value() {
        return value;
    }

    public static ExitCode of(JvirtException.Kind kind) {
        return switch (kind) {
            case FAILED -> FAILED;
            case USAGE -> USAGE;
            case NOT_FOUND -> NOT_FOUND;
            case REFUSED -> REFUSED;
            case NEEDS_RECOVERY -> NEEDS_RECOVERY;
            case INTERRUPTED -> INTERRUPTED;
        };
    }
}
