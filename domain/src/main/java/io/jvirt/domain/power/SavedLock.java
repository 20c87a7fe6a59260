// SPDX-License-Identifier: Apache-2.0
package io.jvirt.domain.power;

import io.jvirt.domain.JvirtException;
import io.jvirt.domain.libvirt.Domain;
import io.jvirt.domain.libvirt.Host;
import io.jvirt.domain.libvirt.SavedImage;
import io.jvirt.domain.libvirt.StatePlaces;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * Saved memory that came from another host and is still locked, though the domain is not. A move unlocks the memory first and
 * then the definition, so the move is over: a power cut took the bytes that unlock the memory, where libvirt wrote them.
 */
final class SavedLock {
    /** What libvirt says of the version that the lock is. */
    static final String REFUSAL = "image version is not supported";

    private SavedLock() {}

    /** Takes the lock off; the caller knows that the domain is not locked, and keeps other verbs from it. */
    static void release(Host host, Domain domain) {
        if (!host.uri().startsWith("qemu:") || host.isRemote()) {
            return;
        }
        // libvirt starts from the file, whether it has noticed it or not.
        Path path = StatePlaces.savedState(host.uri(), domain.name());
        if (!Files.exists(path)) {
            return;
        }
        try {
            SavedImage image = SavedImage.read(path);
            if (image.isLocked()) {
                image.lock(false);
            }
        } catch (IOException | JvirtException e) {
            // libvirt says what it is.
            return;
        }
    }
}
