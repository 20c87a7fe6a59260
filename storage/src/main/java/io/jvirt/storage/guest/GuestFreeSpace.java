// SPDX-License-Identifier: Apache-2.0
package io.jvirt.storage.guest;

import io.jvirt.storage.DiskImage;
import io.jvirt.storage.guest.PartitionTable.Part;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;

/** Gives up what a guest's file systems do not use. A file system of which anything is in doubt is left alone. */
public final class GuestFreeSpace {
    private final List<String> notes = new ArrayList<>();
    private long freeBytes;
    private int fileSystems;

    private GuestFreeSpace() {}

    /** Makes free blocks of a disk that no machine uses read as zeros. */
    public static GuestFreeSpace giveUp(DiskImage disk) throws IOException {
        GuestFreeSpace found = new GuestFreeSpace();
        for (Part part : PartitionTable.read(disk)) {
            found.part(disk, part);
        }
        disk.flush();
        return found;
    }

    private void part(DiskImage disk, Part part) throws IOException {
        String name = part.number() == 0 ? "the disk" : "partition " + part.number();
        Ext4FreeSpace.Ranges giveUp = (offset, length) -> {
            freeBytes += length;
            disk.zero(offset, length, true);
        };
        String refusal;
        if (Ext4FreeSpace.isHere(disk, part)) {
            refusal = Ext4FreeSpace.read(disk, part, giveUp);
        } else if (XfsFreeSpace.isHere(disk, part)) {
            refusal = XfsFreeSpace.read(disk, part, giveUp);
        } else {
            refusal = "it holds no ext2, ext3, ext4 or XFS file system";
        }
        if (refusal == null) {
            fileSystems++;
        } else {
            notes.add(name + " is left alone: " + refusal);
        }
    }

    /** How many file systems were read. */
    public int fileSystems() {
        return fileSystems;
    }

    /** What is free in them. */
    public long freeBytes() {
        return freeBytes;
    }

    /** What was left alone, and why. */
    public List<String> notes() {
        return List.copyOf(notes);
    }
}
