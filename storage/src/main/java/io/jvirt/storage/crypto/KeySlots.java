// SPDX-License-Identifier: Apache-2.0
package io.jvirt.storage.crypto;

import io.jvirt.storage.StorageException;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The key slots of a LUKS header of either version, and the rules of changing them. The rules and messages are QEMU's. */
public abstract class KeySlots {
    KeySlots() {}

    abstract int slotCount();

    abstract boolean isActive(int slot) throws IOException;

    /** Whether it holds the volume's key, and no other. */
    boolean opensVolume(int slot) throws IOException {
        return isActive(slot);
    }

    /** The master key in a slot, or no bytes when the slot is free or the passphrase is another. */
    abstract byte[] masterKey(int slot, byte[] passphrase) throws IOException;

    /** Sets a slot so that a crash leaves the slots as they were, or with it. */
    abstract void store(int slot, byte[] masterKey, byte[] passphrase, @Nullable Long milliseconds) throws IOException;

    /** Erases a slot so that a crash leaves it whole, or nothing that refers to it. */
    abstract void erase(int slot) throws IOException;

    /**
     * Sets a free slot to a further passphrase.
     *
     * @param passphrase opens the volume now
     * @param slot the slot to set, or -1 for the first free one
     * @param milliseconds the work of trying the new passphrase; null for what is usual
     * @param force overwrites a slot in use
     */
    public final void addKeySlot(
            byte[] passphrase, byte[] newPassphrase, int slot, @Nullable Long milliseconds, boolean force)
            throws IOException {
        int target = slot;
        if (slot == -1) {
            for (int i = 0; i < slotCount() && target < 0; i++) {
                target = isActive(i) ? -1 : i;
            }
            if (target < 0) {
                throw new StorageException("Can't add a keyslot - all keyslots are in use");
            }
        } else {
            checkSlotNumber(slot);
            if (isActive(slot) && !force) {
                throw new StorageException("Refusing to overwrite active keyslot " + slot + " - please erase it first");
            }
        }
        byte[] key;
        try {
            key = masterKey(passphrase);
        } catch (StorageException e) {
            throw new StorageException("Failed to retrieve the master key", e.hint(), e);
        }
        store(target, key, newPassphrase, milliseconds);
        Arrays.fill(key, (byte) 0);
    }

    /** Erases one slot; the last one in use only with {@code force}. */
    public final void eraseKeySlot(int slot, boolean force) throws IOException {
        checkSlotNumber(slot);
        if (!force && !isActive(slot)) {
            throw new StorageException("Given keyslot " + slot + " is already erased (inactive) ");
        }
        if (!force && opensVolume(slot) && openingSlots() == 1) {
            throw new StorageException("Attempt to erase the only active keyslot " + slot
                    + " which will erase all the data in the image irreversibly - refusing operation");
        }
        erase(slot);
    }

    /** Erases one slot if this passphrase opens it. */
    public final void eraseKeySlot(int slot, byte[] passphrase, boolean force) throws IOException {
        checkSlotNumber(slot);
        if (masterKey(slot, passphrase).length == 0) {
            throw new StorageException(
                    "Given keyslot " + slot + " doesn't contain the given old password for erase operation");
        }
        eraseKeySlot(slot, force);
    }

    /** Erases all slots that this passphrase opens; the last ones in use only with {@code force}. */
    public final void eraseKeySlots(byte[] passphrase, boolean force) throws IOException {
        List<Integer> matching = new ArrayList<>();
        for (int i = 0; i < slotCount(); i++) {
            if (masterKey(i, passphrase).length > 0) {
                matching.add(i);
            }
        }
        if (matching.isEmpty()) {
            throw new StorageException("No keyslots match given (old) password for erase operation");
        }
        if (!force && matching.size() == openingSlots()) {
            throw new StorageException(
                    "All the active keyslots match the (old) password that was given and erasing them will erase all"
                            + " the data in the image irreversibly - refusing operation");
        }
        for (int slot : matching) {
            erase(slot);
        }
    }

    private void checkSlotNumber(int slot) throws StorageException {
        if (slot < 0 || slot >= slotCount()) {
            throw new StorageException(
                    "Invalid keyslot " + slot + " specified, must be between 0 and " + (slotCount() - 1));
        }
    }

    private int openingSlots() throws IOException {
        int count = 0;
        for (int i = 0; i < slotCount(); i++) {
            count += opensVolume(i) ? 1 : 0;
        }
        return count;
    }

    /** The master key that the passphrase opens. */
    final byte[] masterKey(byte[] passphrase) throws IOException {
        for (int i = 0; i < slotCount(); i++) {
            byte[] key = masterKey(i, passphrase);
            if (key.length > 0) {
                return key;
            }
        }
        throw new StorageException("Invalid password, cannot unlock any keyslot");
    }
}
