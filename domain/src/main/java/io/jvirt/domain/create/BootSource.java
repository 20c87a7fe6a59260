// SPDX-License-Identifier: Apache-2.0
package io.jvirt.domain.create;

import io.jvirt.domain.image.ImageRequest;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/** What a new machine boots from the first time. */
public sealed interface BootSource {
    /** Nothing yet: the machine is defined and not started. */
    record Nothing() implements BootSource {}

    /** An ISO image in a drive; the disk comes first, so once it is installed the disk boots. */
    record Cdrom(Path iso) implements BootSource {}

    /** A directory with an installer's kernel and initrd. */
    record Location(String tree) implements BootSource {}

    /** The network; the disk comes first. */
    record Pxe() implements BootSource {}

    /** A disk that exists and is used as it is: never copied, never removed. */
    record Import(Path disk) implements BootSource {}

    /**
     * An image that the first disk starts as.
     *
     * @param backed the disk lies on top of the image instead of holding a copy
     */
    record Image(Path file, boolean backed) implements BootSource {}

    /**
     * An image that has to be fetched, compared or unpacked before it is an {@link Image}. A plan with it can be shown and not
     * be performed: what the image is like is not known.
     */
    record Fetched(ImageRequest image) implements BootSource {}

    /** The file that QEMU must be able to read, or null. */
    default @Nullable Path file() {
        if (this instanceof Cdrom c) {
            return c.iso();
        }
        if (this instanceof Import i) {
            return i.disk();
        }
        return this instanceof Image i ? i.file() : null;
    }
}
