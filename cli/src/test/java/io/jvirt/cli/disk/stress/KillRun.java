// SPDX-License-Identifier: Apache-2.0
package io.jvirt.cli.disk.stress;

import io.jvirt.cli.disk.DiskMain;
import java.io.PrintStream;
import java.nio.file.Path;
import java.util.List;
import java.util.Random;

/** The process that {@link KillTest} kills: verbs without end that leave the guest's content as it is. */
final class KillRun {
    private static final List<String> VERBS = List.of(
            "snapshot -c s SELF",
            "snapshot -d s SELF",
            "bitmap --add SELF b",
            "bitmap --remove SELF b",
            "bitmap --clear SELF kept",
            "compact SELF",
            "compact --in-place SELF",
            "compact --in-place SELF",
            "compact --drop-snapshots --zlib SELF",
            "check -r all SELF",
            "resize SELF +64k",
            "amend -f qcow2 -o lazy_refcounts=on SELF",
            "amend -f qcow2 -o refcount_bits=32 SELF",
            "amend -f qcow2 -o refcount_bits=16 SELF",
            "rebase -u -b base.raw -F raw SELF",
            "convert -O qcow2 SELF copy.qcow2",
            "convert -c -O qcow2 SELF copy.qcow2",
            "commit -d SELF",
            "commit SELF");

    private KillRun() {}

    /** Arguments: directory, seed. */
    public static void main(String[] args) throws InterruptedException {
        Path directory = Path.of(args[0]);
        Random random = new Random(Long.parseLong(args[1]));
        PrintStream out = System.out;
        while (true) {
            String verb = VERBS.get(random.nextInt(VERBS.size()));
            out.println(verb);
            out.flush();
            String[] words = verb.replace(
                            "SELF", directory.resolve("disk.qcow2").toString())
                    .replace("copy.qcow2", directory.resolve("copy.qcow2").toString())
                    .split(" ");
            // What is refused (a snapshot that is not there) is as good as what is done.
            DiskMain.run("jvirt disk", words, out, out, null);
        }
    }
}
