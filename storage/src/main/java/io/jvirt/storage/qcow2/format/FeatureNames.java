// SPDX-License-Identifier: Apache-2.0
package io.jvirt.storage.qcow2.format;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The feature name table extension: entries of 48 bytes, each a type (0 incompatible, 1 compatible, 2 autoclear), a bit
 * number and a name of 46 bytes padded with zeros.
 */
public final class FeatureNames {
    /** Clusters of 512 bytes leave no room for the feature names beside a long backing name. */
    public static final int FROM_CLUSTER_BYTES = 1024;

    private static final int ENTRY_BYTES = 48;
    private static final int NAME_BYTES = 46;
    private static final int INCOMPATIBLE = 0;
    private static final int COMPATIBLE = 1;
    private static final int AUTOCLEAR = 2;

    private FeatureNames() {}

    /** The table that new images carry. */
    public static HeaderExtension table() {
        ByteBuffer table = ByteBuffer.allocate(8 * ENTRY_BYTES);
        put(table, INCOMPATIBLE, 0, "dirty bit");
        put(table, INCOMPATIBLE, 1, "corrupt bit");
        put(table, INCOMPATIBLE, 2, "external data file");
        put(table, INCOMPATIBLE, 3, "compression type");
        put(table, INCOMPATIBLE, 4, "extended L2 entries");
        put(table, COMPATIBLE, 0, "lazy refcounts");
        put(table, AUTOCLEAR, 0, "bitmaps");
        put(table, AUTOCLEAR, 1, "raw external data");
        return new HeaderExtension(HeaderExtension.FEATURE_NAMES, table.array());
    }

    private static void put(ByteBuffer table, int type, int bit, String name) {
        int start = table.position();
        table.put((byte) type).put((byte) bit).put(name.getBytes(StandardCharsets.US_ASCII));
        table.position(start + ENTRY_BYTES);
    }

    /** Names the incompatible bits, from the image's own table where it has one. */
    public static String describeIncompatible(long bits, @Nullable HeaderExtension table) {
        List<String> names = new ArrayList<>();
        long rest = bits;
        if (table != null) {
            // The last name may be cut short instead of padded.
            int entries = (table.data().length + ENTRY_BYTES - 1) / ENTRY_BYTES;
            ByteBuffer data = ByteBuffer.wrap(Arrays.copyOf(table.data(), entries * ENTRY_BYTES));
            while (data.remaining() >= ENTRY_BYTES) {
                int type = data.get();
                int bit = data.get();
                byte[] name = new byte[NAME_BYTES];
                data.get(name);
                if (type == INCOMPATIBLE && bit >= 0 && bit < Long.SIZE && (rest >>> bit & 1) != 0) {
                    names.add(untilZero(name));
                    rest &= ~(1L << bit);
                }
            }
        }
        if (rest != 0) {
            names.add("Unknown incompatible feature: " + Long.toHexString(rest));
        }
        return String.join(", ", names);
    }

    private static String untilZero(byte[] name) {
        int length = 0;
        while (length < name.length && name[length] != 0) {
            length++;
        }
        return new String(name, 0, length, StandardCharsets.UTF_8);
    }
}
