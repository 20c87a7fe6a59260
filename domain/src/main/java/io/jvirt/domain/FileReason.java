// SPDX-License-Identifier: Apache-2.0
package io.jvirt.domain;

import java.io.IOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.DirectoryNotEmptyException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileSystemException;
import java.nio.file.NoSuchFileException;
import java.nio.file.NotDirectoryException;

/** Why a file could not be had, in words, without its name: the JDK's message of most of these is the bare name. */
public final class FileReason {
    private FileReason() {}

    public static String of(IOException e) {
        String reason = e instanceof FileSystemException file ? file.getReason() : e.getMessage();
        if (reason != null) {
            return reason;
        }
        if (e instanceof NoSuchFileException) {
            return "no such file or directory";
        }
        if (e instanceof AccessDeniedException) {
            return "permission denied";
        }
        if (e instanceof FileAlreadyExistsException) {
            return "the file exists";
        }
        if (e instanceof NotDirectoryException) {
            return "not a directory";
        }
        if (e instanceof DirectoryNotEmptyException) {
            return "the directory is not empty";
        }
        return e.getClass().getSimpleName();
    }
}
