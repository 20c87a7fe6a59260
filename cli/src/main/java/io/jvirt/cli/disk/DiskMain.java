// SPDX-License-Identifier: Apache-2.0
package io.jvirt.cli.disk;

import java.io.PrintStream;

/** The entry to the disk verbs. */
public final class DiskMain {
    /**
     * Runs a verb.
     *
     * @param programName what messages begin with: {@code jvirt disk} or {@code qemu-img}
     * @param args the verb and its arguments
     * @return the exit code, qemu-img's
     */
    public static int run(String programName, String[] args, PrintStream out, PrintStream err) {
        err.println(programName + ": no verb is here yet");
        return 1;
    }

    private DiskMain() {}
}
