// SPDX-License-Identifier: Apache-2.0
package io.jvirt.storage.qcow2.format;

/**
 * A header extension: a 4-byte type, a 4-byte length, the data, padded to a multiple of 8. Those that are not understood
 * are kept as they are.
 */
@SuppressWarnings("ArrayRecordComponent") // compared nowhere; the data of an extension is at most a cluster
public record HeaderExtension(int type, byte[] data) {
    public static final int END = 0;
    public static final int BACKING_FORMAT = 0xe2792aca;
    public static final int FEATURE_NAMES = 0x6803f857;
    public static final int BITMAPS = 0x23852875;
    public static final int ENCRYPTION_HEADER = 0x0537be77;
    public static final int DATA_FILE = 0x44415441;

    static final int PREFIX_BYTES = 8;

    public static HeaderExtension ofText(int type, String text) {
        return new HeaderExtension(type, StoredText.bytes(text));
    }

    public String text() {
        return StoredText.of(data);
    }

    int paddedBytes() {
        return PREFIX_BYTES + (data.length + 7) / 8 * 8;
    }
}
