// SPDX-License-Identifier: Apache-2.0
package io.jvirt.cli;

import io.jvirt.domain.FileReason;
import io.jvirt.domain.JvirtException;
import io.jvirt.storage.StorageException;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.FileSystemException;
import org.jspecify.annotations.Nullable;

/** A failure as the user sees it: {@code jvirt: message}, {@code hint: next command}, and an exit code. */
final class ErrorText {
    static ExitCode print(Throwable failure, PrintStream err, boolean hasStackTrace) {
        if (hasStackTrace) {
            failure.printStackTrace(err);
        }
        if (failure instanceof JvirtException e) {
            print(err, message(e), e.hint());
            return ExitCode.of(e.kind());
        }
        if (failure instanceof StorageException e) {
            print(err, message(e), e.hint());
            return ExitCode.FAILED;
        }
        if (failure instanceof FileSystemException e) {
            print(err, fileMessage(e), "check the path, and who may read and write it");
            return ExitCode.FAILED;
        }
        if (failure instanceof IOException e) {
            print(err, message(e), null);
            return ExitCode.FAILED;
        }
        print(
                err,
                "internal error: " + failure,
                hasStackTrace ? null : "run it again with --stacktrace and report what it prints");
        return ExitCode.FAILED;
    }

    static void print(PrintStream err, String message, @Nullable String hint) {
        err.print("jvirt: " + message + "\n");
        if (hint != null) {
            err.print("hint: " + hint + "\n");
        }
        err.flush();
    }

    private static String message(Exception e) {
        String message = e.getMessage();
        return message == null ? e.toString() : message;
    }

    /** The JDK's messages of these are the bare file name. */
    private static String fileMessage(FileSystemException e) {
        String file = e.getFile();
        if (file == null) {
            return message(e);
        }
        return file + ": " + FileReason.of(e);
    }

    private ErrorText() {}
}
