// SPDX-License-Identifier: Apache-2.0
package io.jvirt.storage;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/** Formats of other products, known by their first bytes, so that none of them passes for a raw disk. */
enum ForeignFormat {
    VMDK("VMDK", 0, "KDMV", "COWD", "# Disk DescriptorFile"),
    VDI("VDI", 64, "\u007f\u0010\u00da\u00be"),
    VHD("VHD", 0, "conectix"),
    VHDX("VHDX", 0, "vhdxfile"),
    QED("QED", 0, "QED\0"),
    QCOW1("qcow version 1", 0, "QFI\u00fb\0\0\0\u0001"),
    PARALLELS("Parallels", 0, "WithoutFreeSpace", "WithouFreSpacExt"),
    BOCHS("Bochs", 0, "Bochs Virtual HD Image");

    private final String shown;
    private final int at;
    private final String[] magics;

    ForeignFormat(String shown, int at, String... magics) {
        this.shown = shown;
        this.at = at;
        this.magics = magics;
    }

    /** The format of a file that starts with these bytes, or null. */
    static @Nullable ForeignFormat of(ByteBuffer start) {
        for (ForeignFormat format : values()) {
            for (String magic : format.magics) {
                byte[] wanted = magic.getBytes(StandardCharsets.ISO_8859_1);
                int end = format.at + wanted.length;
                if (start.limit() >= end && Arrays.equals(wanted, 0, wanted.length, start.array(), format.at, end)) {
                    return format;
                }
            }
        }
        return null;
    }

    StorageException refusal(String file) {
        return new StorageException(
                "'" + file + "' is a " + shown + " image, which jvirt does not read",
                "convert it first: qemu-img convert -O qcow2 '" + file
                        + "' NEW.qcow2 (or say -f raw if it is a raw disk)");
    }
}
