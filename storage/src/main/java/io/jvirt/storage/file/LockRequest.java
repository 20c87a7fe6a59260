// SPDX-License-Identifier: Apache-2.0
package io.jvirt.storage.file;

/**
 * What a user of an image does with it, and what others may not do meanwhile, in QEMU's block permissions.
 *
 * @param permissions bits of what this user does
 * @param unshared bits of what nobody else may do
 */
public record LockRequest(int permissions, int unshared) {
    /** Data that is read must be what was written. */
    public static final int CONSISTENT_READ = 1;

    public static final int WRITE = 1 << 1;
    public static final int WRITE_UNCHANGED = 1 << 2;
    public static final int RESIZE = 1 << 3;

    /** How many permissions have a byte in the file. */
    static final int COUNT = 4;

    /** Reading a format with metadata of its own: nobody may change it below us. */
    public static final LockRequest READ_FORMAT = new LockRequest(CONSISTENT_READ, WRITE | RESIZE);

    /** Reading a raw file: writers are allowed, as QEMU allows them. */
    public static final LockRequest READ_RAW = new LockRequest(CONSISTENT_READ, 0);

    /** Looking at a format's metadata only. */
    public static final LockRequest INSPECT_FORMAT = new LockRequest(0, WRITE | RESIZE);

    /** Using nothing, and finding out whether anybody does. */
    static final LockRequest NO_USERS = new LockRequest(0, CONSISTENT_READ | WRITE | WRITE_UNCHANGED | RESIZE);

    public static final LockRequest WRITE_FORMAT = new LockRequest(CONSISTENT_READ | WRITE | RESIZE, WRITE | RESIZE);

    /** Nobody else may so much as read. */
    static final LockRequest NO_READERS = new LockRequest(0, CONSISTENT_READ);

    /** Writing a raw file; other writers are refused, though QEMU's tools would allow them for raw. */
    public static final LockRequest WRITE_RAW = new LockRequest(CONSISTENT_READ | WRITE | RESIZE, WRITE | RESIZE);

    /** The name that QEMU's messages give a permission. */
    static String nameOf(int bit) {
        return switch (bit) {
            case 0 -> "consistent read";
            case 1 -> "write";
            case 2 -> "write unchanged";
            case 3 -> "resize";
            default -> throw new IllegalArgumentException("permission bit " + bit);
        };
    }
}
