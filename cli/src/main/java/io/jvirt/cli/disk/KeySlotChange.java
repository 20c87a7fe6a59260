// SPDX-License-Identifier: Apache-2.0
package io.jvirt.cli.disk;

import io.jvirt.storage.StorageException;
import io.jvirt.storage.crypto.KeySlots;
import java.io.IOException;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** What {@code amend} does with the key slots of a LUKS header. The rules and their words are QEMU's. */
final class KeySlotChange {
    /** The options that ask for it, in a qcow2 image with {@code encrypt.} before them. */
    static final List<String> OPTIONS = List.of("state", "keyslot", "old-secret", "new-secret", "iter-time");

    private final Images images;
    private final ImageName opened;
    private final boolean force;

    KeySlotChange(Images images, ImageName opened, boolean force) {
        this.images = images;
        this.opened = opened;
        this.force = force;
    }

    static boolean isWanted(OptionSet options, String prefix) {
        return OPTIONS.stream().anyMatch(name -> options.isSet(prefix + name));
    }

    /** Sets or erases key slots as {@code state} says. */
    void run(KeySlots volume, OptionSet options, String prefix) throws IOException {
        String state = options.get(prefix + "state");
        if (state == null) {
            throw new StorageException("Parameter '" + prefix + "state' is missing");
        }
        byte[] newSecret = secret(options.get(prefix + "new-secret"));
        byte[] oldSecret = secret(options.get(prefix + "old-secret"));
        boolean slotGiven = options.isSet(prefix + "keyslot");
        int slot = slotGiven ? (int) Math.max(-2, Math.min(99, options.getNumber(prefix + "keyslot", 0))) : -1;
        boolean timeGiven = options.isSet(prefix + "iter-time");
        switch (state) {
            case "active" -> {
                refuse(newSecret == null, "'new-secret' is required to activate a keyslot");
                refuse(oldSecret != null, "'old-secret' must not be given when activating keyslots");
                byte[] present = presentSecret(prefix);
                if (newSecret != null) {
                    Long time = timeGiven ? options.getNumber(prefix + "iter-time", 0) : null;
                    volume.addKeySlot(present, newSecret, slot, time, force);
                }
            }
            case "inactive" -> {
                refuse(newSecret != null, "'new-secret' must not be given when erasing keyslots");
                refuse(timeGiven, "'iter-time' must not be given when erasing keyslots");
                if (slotGiven && oldSecret != null) {
                    volume.eraseKeySlot(slot, oldSecret, force);
                } else if (slotGiven) {
                    volume.eraseKeySlot(slot, force);
                } else if (oldSecret != null) {
                    volume.eraseKeySlots(oldSecret, force);
                } else {
                    throw new StorageException("To erase keyslot(s), either explicit keyslot index or the password"
                            + " currently contained in them must be given");
                }
            }
            default ->
                throw new StorageException("Parameter '" + prefix + "state' does not accept value '" + state + "'");
        }
    }

    private static void refuse(boolean refused, String message) throws StorageException {
        if (refused) {
            throw new StorageException(message);
        }
    }

    private byte @Nullable [] secret(@Nullable String id) throws StorageException {
        return id == null ? null : images.secret(id);
    }

    /** The passphrase with which the image was opened. */
    private byte[] presentSecret(String prefix) throws StorageException {
        byte[] present = secret(opened.options().get(prefix + "key-secret"));
        if (present == null) {
            throw new StorageException("Parameter '" + prefix + "key-secret' is required for cipher");
        }
        return present;
    }
}
