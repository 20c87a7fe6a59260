// SPDX-License-Identifier: Apache-2.0
package io.jvirt.domain;

import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;

/** Small files that the user names, read whole: definitions, keys, scripts. What is wrong with one is said with its name. */
public final class UserFile {
    /** More than any definition has; a device without an end is not read for ever. */
    private static final int MOST_BYTES = 16 << 20;

    private UserFile() {}

    /** @param what it is, for the error: {@code ssh key} */
    public static String text(Path file, String what) {
        return text(bytes(file, what), "the " + what + " " + file);
    }

    /** @param what it is, for the error: {@code standard input} */
    public static String text(InputStream in, String what) throws IOException {
        return text(limited(in, what), what);
    }

    /** @param what it is, for the error: {@code ssh key} */
    public static byte[] bytes(Path file, String what) {
        String named = "the " + what + " " + file;
        if (Files.isDirectory(file)) {
            throw JvirtException.usage(named + " is a directory", "name a file in it");
        }
        if (Files.notExists(file)) {
            throw JvirtException.notFound(named + " does not exist", "check the path");
        }
        try (InputStream in = Files.newInputStream(file)) {
            return limited(in, named);
        } catch (IOException e) {
            throw new JvirtException(
                    JvirtException.Kind.FAILED,
                    named + " cannot be read: " + FileReason.of(e),
                    "check the path, and who may read it: ls -l " + ShellWord.quoted(file.toString()),
                    e);
        }
    }

    private static byte[] limited(InputStream in, String named) throws IOException {
        byte[] bytes = in.readNBytes(MOST_BYTES + 1);
        if (bytes.length > MOST_BYTES) {
            throw JvirtException.failed(named + " is larger than 16 MiB", "is it the right one?");
        }
        return bytes;
    }

    private static String text(byte[] bytes, String named) {
        try {
            return StandardCharsets.UTF_8
                    .newDecoder()
                    .decode(ByteBuffer.wrap(bytes))
                    .toString();
        } catch (CharacterCodingException e) {
            throw JvirtException.failed(named + " is no text in UTF-8", "is it the right one?");
        }
    }
}
