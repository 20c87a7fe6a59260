// SPDX-License-Identifier: Apache-2.0
package io.jvirt.storage.qcow2.format;

/**
 * The three feature bit masks of a version 3 header (all 0 in version 2).
 *
 * @param incompatible bits that a reader must know to open the image
 * @param compatible bits that may be ignored
 * @param autoclear bits that a writer which does not know them must clear
 */
public record Features(long incompatible, long compatible, long autoclear) {
    public static final Features NONE = new Features(0, 0, 0);

    /** Refcounts may be inconsistent; they must be rebuilt before the image is written. */
    public static final long DIRTY = 1;

    /** Some structure is corrupt; the image must not be written before a repair. */
    public static final long CORRUPT = 1 << 1;

    public static final long EXTERNAL_DATA_FILE = 1 << 2;
    public static final long COMPRESSION_TYPE = 1 << 3;
    public static final long EXTENDED_L2 = 1 << 4;
    public static final long KNOWN_INCOMPATIBLE = DIRTY | CORRUPT | EXTERNAL_DATA_FILE | COMPRESSION_TYPE | EXTENDED_L2;

    /** Compatible: refcounts may be updated late, with the dirty bit set meanwhile. */
    public static final long LAZY_REFCOUNTS = 1;

    /** Autoclear: the bitmaps extension is consistent with the image. */
    public static final long BITMAPS = 1;

    /** Autoclear: the external data file can be read as a raw image by itself. */
    public static final long RAW_EXTERNAL_DATA = 1 << 1;

    public static final long KNOWN_AUTOCLEAR = BITMAPS | RAW_EXTERNAL_DATA;

    public boolean isDirty() {
        return (incompatible & DIRTY) != 0;
    }

    public boolean isCorrupt() {
        return (incompatible & CORRUPT) != 0;
    }

    public boolean hasDataFile() {
        return (incompatible & EXTERNAL_DATA_FILE) != 0;
    }

    public boolean hasExtendedL2() {
        return (incompatible & EXTENDED_L2) != 0;
    }

    public boolean hasLazyRefcounts() {
        return (compatible & LAZY_REFCOUNTS) != 0;
    }

    public boolean isDataFileRaw() {
        return (autoclear & RAW_EXTERNAL_DATA) != 0;
    }

    public Features withIncompatible(long bits, boolean set) {
        return new Features(set ? incompatible | bits : incompatible & ~bits, compatible, autoclear);
    }

    public Features withCompatible(long bits, boolean set) {
        return new Features(incompatible, set ? compatible | bits : compatible & ~bits, autoclear);
    }

    public Features withAutoclear(long bits, boolean set) {
        return new Features(incompatible, compatible, set ? autoclear | bits : autoclear & ~bits);
    }
}
