// SPDX-License-Identifier: Apache-2.0
package io.jvirt.domain;

import org.jspecify.annotations.Nullable;

/**
 * Something that the user asked for could not be done. The message says what failed and why; the hint says the next
 * command. Every failure that a user can cause or mend is one of these.
 */
public class JvirtException extends RuntimeException {
    private static final long serialVersionUID = 1;

    /** What sort of failure: the command line turns it into an exit code. */
    public enum Kind {
        FAILED,
        USAGE,
        NOT_FOUND,
        REFUSED,
        NEEDS_RECOVERY,
        INTERRUPTED
    }

    private final Kind kind;
    private final @Nullable String hint;

    public JvirtException(Kind kind, String message, @Nullable String hint, @Nullable Throwable cause) {
        super(message, cause);
        this.kind = kind;
        this.hint = hint;
    }

    public JvirtException(Kind kind, String message, @Nullable String hint) {
        this(kind, message, hint, null);
    }

    public static JvirtException failed(String message, @Nullable String hint) {
        return new JvirtException(Kind.FAILED, message, hint);
    }

    public static JvirtException usage(String message, @Nullable String hint) {
        return new JvirtException(Kind.USAGE, message, hint);
    }

    public static JvirtException notFound(String message, @Nullable String hint) {
        return new JvirtException(Kind.NOT_FOUND, message, hint);
    }

    public static JvirtException refused(String message, @Nullable String hint) {
        return new JvirtException(Kind.REFUSED, message, hint);
    }

    public Kind kind() {
        return kind;
    }

    public @Nullable String hint() {
        return hint;
    }
}
