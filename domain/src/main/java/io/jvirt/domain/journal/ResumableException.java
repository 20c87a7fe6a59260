// SPDX-License-Identifier: Apache-2.0
package io.jvirt.domain.journal;

import io.jvirt.domain.JvirtException;
import org.jspecify.annotations.Nullable;

/** A step could not go on, and what it has done so far is worth keeping: the operation stays in the journal. */
public final class ResumableException extends JvirtException {
    private static final long serialVersionUID = 1;

    public ResumableException(String message, @Nullable String hint, @Nullable Throwable cause) {
        super(Kind.NEEDS_RECOVERY, message, hint, cause);
    }

    /** The same, with a hint that names the operation. */
    ResumableException in(String id) {
        String there = "jvirt recover " + id + " --resume goes on from there, --rollback undoes it";
        return new ResumableException(
                String.valueOf(getMessage()), hint() == null ? there : hint() + "; " + there, getCause());
    }
}
