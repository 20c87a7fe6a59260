// SPDX-License-Identifier: Apache-2.0
package io.jvirt.cli.disk;

/** The cache modes of {@code -t} and {@code -T}. */
final class CacheMode {
    private CacheMode() {}

    static boolean isKnown(String mode) {
        return switch (mode) {
            case "none", "off", "directsync", "writeback", "unsafe", "writethrough" -> true;
            default -> false;
        };
    }

    /** Whether what was written must be on the disk when the verb ends. */
    static boolean isDurable(String mode) {
        return !mode.equals("unsafe");
    }

    /** Whether each single write must be on the disk before the next one. */
    static boolean isWriteThrough(String mode) {
        return mode.equals("writethrough") || mode.equals("directsync");
    }

    /** Ends the verb unless the mode exists. */
    static void check(Console console, String mode, String what) {
        if (!isKnown(mode)) {
            throw console.fail("Invalid " + what + " option: " + mode);
        }
    }
}
