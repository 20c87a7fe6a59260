// SPDX-License-Identifier: Apache-2.0
package io.jvirt.cli.disk.stress;

import io.jvirt.cli.disk.DiskMain;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Random;
import java.util.stream.Stream;

/**
 * The process that {@link FullDiskTest} starts with a file system of a few MiB: each writing verb runs out of space in it.
 * Prints what was not as it should be, and ends with 0 where all was.
 */
final class FullDiskRun {
    private final Path small;
    private final Path large;
    private boolean good = true;

    private FullDiskRun(Path small, Path large) {
        this.small = small;
        this.large = large;
    }

    /** Arguments: a directory in the small file system, one elsewhere. */
    public static void main(String[] args) throws IOException {
        FullDiskRun run = new FullDiskRun(Path.of(args[0]), Path.of(args[1]));
        run.newFiles();
        run.presentFiles();
        System.out.flush();
        Runtime.getRuntime().halt(run.good ? 0 : 1);
    }

    private record Answer(int code, String text) {}

    private Answer verb(String line) {
        ByteArrayOutputStream said = new ByteArrayOutputStream();
        PrintStream out = new PrintStream(said, true, StandardCharsets.UTF_8);
        String words = line.replace("S/", small + "/").replace("L/", large + "/");
        int code = DiskMain.run("jvirt disk", words.split(" ", -1), out, out, null);
        return new Answer(code, said.toString(StandardCharsets.UTF_8));
    }

    private String must(String line) {
        Answer answer = verb(line);
        expect(answer.code == 0, line, answer.text);
        return answer.text;
    }

    private void expect(boolean isSo, String line, String what) {
        if (!isSo) {
            good = false;
            System.out.println("jvirt disk " + line + ": " + what);
        }
    }

    /** There is no room: a message that says so, and exit code 1. */
    private void fails(String line) {
        Answer answer = verb(line);
        expect(answer.code == 1 && answer.text.contains("No space left on device"), line, answer.code + answer.text);
    }

    private void newFiles() throws IOException {
        byte[] noise = new byte[8 << 20];
        new Random(1).nextBytes(noise);
        Files.write(large.resolve("source.raw"), noise);
        must("convert -f raw -O qcow2 L/source.raw L/source.qcow2");
        String before = must("digest L/source.qcow2");
        fails("convert -O qcow2 L/source.qcow2 S/copy.qcow2");
        fails("convert -O raw L/source.qcow2 S/copy.raw");
        fails("convert -c -O qcow2 L/source.qcow2 S/copy.qcow2");
        fails("create -q -f qcow2 -o preallocation=full S/copy.qcow2 16M");
        fails("create -q -f raw -o preallocation=falloc S/copy.raw 16M");
        try (Stream<Path> left = Files.list(small)) {
            left.forEach(file -> expect(false, "new files", "left " + file));
        }
        fails("convert --resume -O raw L/source.qcow2 S/copy.raw");
        try (Stream<Path> left = Files.list(small)) {
            for (Path file : left.toList()) {
                Files.delete(file);
            }
        }
        expect(must("digest L/source.qcow2").equals(before), "all", "the source has changed");
    }

    /** Images in the full file system: whatever fails, they are sound and hold what they held. */
    private void presentFiles() throws IOException {
        must("create -q -f qcow2 S/base.qcow2 8M");
        must("convert -q -O qcow2 -o cluster_size=4k L/source.raw L/part.qcow2");
        must("create -q -f qcow2 -b " + small + "/base.qcow2 -F qcow2 L/overlay.qcow2");
        must("bench -q -w -c 100 -s 64k --pattern 7 L/overlay.qcow2");
        must("create -q -f qcow2 -b " + large + "/source.qcow2 -F qcow2 S/thin.qcow2");
        must("create -q -f qcow2 -o cluster_size=4k S/own.qcow2 2M");
        must("bench -q -w -c 20 -s 64k --pattern 9 S/own.qcow2");
        try (OutputStream filler = Files.newOutputStream(small.resolve("filler"))) {
            byte[] zeros = new byte[4096];
            while (zeros.length > 0) {
                filler.write(zeros);
            }
        } catch (IOException e) {
            // Full, as it was meant to be.
            expect(String.valueOf(e.getMessage()).contains("No space"), "filler", String.valueOf(e.getMessage()));
        }
        holds("L/overlay.qcow2", "commit L/overlay.qcow2");
        holds("S/thin.qcow2", "rebase -b  S/thin.qcow2");
        holds("S/own.qcow2", "compact S/own.qcow2");
        holds("S/own.qcow2", "compact --in-place S/own.qcow2");
        holds("S/own.qcow2", "snapshot -c one S/own.qcow2");
        holds("S/own.qcow2", "bitmap --add S/own.qcow2 bits");
        holds("S/own.qcow2", "amend -f qcow2 -o refcount_bits=64 S/own.qcow2");
        holds("S/own.qcow2", "resize --preallocation=full S/own.qcow2 +8M");
        holds("S/own.qcow2", "check -r all S/own.qcow2");
        fails("dd -f raw -O raw if=L/source.raw of=S/copied.raw bs=1M");
    }

    private void holds(String image, String line) {
        Answer before = verb("convert -O raw " + image + " L/before.raw");
        expect(before.code == 0, line, "before: " + before.text);
        Answer answer = verb(line);
        boolean clear = answer.code == 0 || answer.code == 1 && answer.text.contains("No space left on device");
        expect(clear, line, answer.code + " " + answer.text);
        int check = verb("check " + image).code;
        expect(check == 0 || check == 3, line, "check says " + check);
        Answer same = verb("compare -f raw -F qcow2 L/before.raw " + image);
        expect(same.code == 0, line, same.text);
    }
}
