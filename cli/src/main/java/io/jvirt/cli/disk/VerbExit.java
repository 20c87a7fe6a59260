// SPDX-License-Identifier: Apache-2.0
package io.jvirt.cli.disk;

/** Ends a verb with an exit code once its message is out. */
final class VerbExit extends RuntimeException {
    private static final long serialVersionUID = 1;

    private final int code;

    VerbExit(int code) {
        super(null, null, false, false);
        this.code = code;
    }

    int code() {
        return code;
    }
}
