// SPDX-License-Identifier: Apache-2.0
package io.jvirt.cli;

import io.jvirt.cli.disk.DiskMain;
import io.jvirt.domain.Cancellation;
import io.jvirt.domain.libvirt.Preload;
import java.io.BufferedOutputStream;
import java.io.FileDescriptor;
import java.io.FileInputStream;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/** The process: its streams, its signals, its exit code. Everything else is in {@link Dispatcher} and {@link DiskMain}. */
public final class Main {
    private static final int OUT_BUFFER_BYTES = 8192;

    public static void main(String[] args) {
        StandardOutput standardOutput = new StandardOutput(new FileOutputStream(FileDescriptor.out));
        PrintStream out = new PrintStream(
                new BufferedOutputStream(standardOutput, OUT_BUFFER_BYTES), false, StandardCharsets.UTF_8);
        PrintStream err = new PrintStream(new FileOutputStream(FileDescriptor.err), true, StandardCharsets.UTF_8);
        int code = run(args, out, err);
        out.flush();
        IOException failure = standardOutput.failure();
        if (failure != null) {
            ErrorText.print(err, "cannot write to standard output: " + failure.getMessage(), null);
            code = code == 0 ? ExitCode.FAILED.value() : code;
        }
        // Not System.exit: with nothing left to run, its hooks and threads only cost time.
        Runtime.getRuntime().halt(code);
    }

    static int run(String[] args, PrintStream out, PrintStream err) {
        // The name of the link through which the launcher stands in for another disk tool.
        String dropIn = System.getenv("JVIRT_DROP_IN");
        if (dropIn != null) {
            return DiskMain.run(dropIn, args, out, err, FileDescriptor.out);
        }
        if (args.length > 0 && args[0].equals("disk")) {
            return DiskMain.run(DiskMain.NAME, Arrays.copyOfRange(args, 1, args.length), out, err, FileDescriptor.out);
        }
        if (args.length == 1 && args[0].equals("wire")) {
            return WireMain.run(new FileInputStream(FileDescriptor.in), new FileOutputStream(FileDescriptor.out), err);
        }
        if (opensConnection(args)) {
            Preload.begin(!args[0].equals("list"));
        }
        Stdio stdio = new Stdio(
                System.in, out, err, System.getenv(), Stdio.isTerminal(0), Stdio.isTerminal(1), Stdio.isTerminal(2));
        Cancellation cancellation = new Cancellation();
        Interruption interruption = new Interruption(cancellation);
        Runtime.getRuntime().addShutdownHook(interruption);
        int code = new Dispatcher(stdio, cancellation).run(args);
        interruption.finished();
        return code;
    }

    /** A guess: a wrong one costs or saves some milliseconds. */
    private static boolean opensConnection(String[] args) {
        if (args.length == 0) {
            return false;
        }
        for (String word : args) {
            if (word.equals("-h") || word.equals("--help") || word.equals("--version")) {
                return false;
            }
        }
        return switch (args[0]) {
            case "help", "version", "completion", "setup" -> false;
            default -> true;
        };
    }

    private Main() {}
}
