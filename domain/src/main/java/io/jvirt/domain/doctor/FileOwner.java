// SPDX-License-Identifier: Apache-2.0
package io.jvirt.domain.doctor;

/** Whose a file is, and its permission bits. */
record FileOwner(int uid, int gid, int mode) {
    private static final int READ = 4;
    private static final int WRITE = 2;

    /** Whether a user, in no other group than its own, may open it. */
    boolean lets(QemuUser user, boolean writes) {
        int bits = user.uid() == uid ? mode >> 6 : user.gid() == gid ? mode >> 3 : mode;
        return grants(bits, writes);
    }

    /** Whether it would do to own it. */
    boolean ownersMay(boolean writes) {
        return grants(mode >> 6, writes);
    }

    String text() {
        return "of " + uid + ":" + gid + ", mode " + Integer.toOctalString(mode & 0777);
    }

    private static boolean grants(int bits, boolean writes) {
        int wanted = writes ? READ | WRITE : READ;
        return (bits & wanted) == wanted;
    }
}
