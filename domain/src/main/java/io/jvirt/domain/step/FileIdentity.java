// SPDX-License-Identifier: Apache-2.0
package io.jvirt.domain.step;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/** Which file a path named when it was looked at: device and inode. */
record FileIdentity(long device, long inode) {
    static FileIdentity of(Path path) throws IOException {
        return new FileIdentity((Long) Files.getAttribute(path, "unix:dev", LinkOption.NOFOLLOW_LINKS), (Long)
                Files.getAttribute(path, "unix:ino", LinkOption.NOFOLLOW_LINKS));
    }

    static @Nullable FileIdentity parse(@Nullable String text) {
        if (text == null) {
            return null;
        }
        int colon = text.indexOf(':');
        return new FileIdentity(Long.parseLong(text.substring(0, colon)), Long.parseLong(text.substring(colon + 1)));
    }

    boolean isThatOf(Path path) throws IOException {
        try {
            return equals(of(path));
        } catch (NoSuchFileException e) {
            return false;
        }
    }

    @Override
    public String toString() {
        return device + ":" + inode;
    }
}
