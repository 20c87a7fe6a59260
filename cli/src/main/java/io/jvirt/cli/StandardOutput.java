// SPDX-License-Identifier: Apache-2.0
package io.jvirt.cli;

import java.io.FileOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import org.jspecify.annotations.Nullable;

/** Standard output that remembers its first failure: a PrintStream swallows it, and a full disk must not look like success. */
final class StandardOutput extends OutputStream {
    private final FileOutputStream target;
    private @Nullable IOException failure;

    StandardOutput(FileOutputStream target) {
        this.target = target;
    }

    @Override
    public void write(int b) throws IOException {
        write(new byte[] {(byte) b}, 0, 1);
    }

    @Override
    public void write(byte[] bytes, int offset, int length) throws IOException {
        if (failure != null) {
            throw failure;
        }
        try {
            target.write(bytes, offset, length);
        } catch (IOException e) {
            failure = e;
            throw e;
        }
    }

    /** The failure that the user must hear of, or null; a reader that has gone away ({@code | head}) is none. */
    @Nullable
    IOException failure() {
        IOException first = failure;
        if (first == null) {
            return null;
        }
        String reason = first.getMessage();
        return reason != null && reason.contains("Broken pipe") ? null : first;
    }
}
