// SPDX-License-Identifier: Apache-2.0
package io.jvirt.cli.disk;

import io.jvirt.storage.CorruptImageException;
import io.jvirt.storage.StorageException;
import io.jvirt.storage.file.ImageInUseException;
import io.jvirt.storage.nbd.NbdException;
import io.jvirt.storage.qcow2.format.StoredText;
import java.io.ByteArrayOutputStream;
import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.channels.Channels;
import java.nio.channels.WritableByteChannel;
import java.nio.file.FileSystemException;
import org.jspecify.annotations.Nullable;

/**
 * The two output streams of a verb. Standard output is collected as C's stdio collects it: written when
 * {@value #BUFFER_BYTES} bytes are there, when a verb says so, and at the end.
 */
final class Console {
    private static final int BUFFER_BYTES = 4096;

    /** A longer answer than this comes from an image that was made to give one. */
    private static final long MAX_ANSWER_BYTES = (1 << 20) - 4096;

    /** A snapshot's members in JSON, with short names. */
    private static final int SNAPSHOT_BYTES = 512;

    private static final String REPAIR_HINT = "You can force-remove ";

    private final String program;
    private final PrintStream out;
    private PrintStream image;
    private final PrintStream err;
    private final boolean terminal;
    private final ByteArrayOutputStream pending = new ByteArrayOutputStream(BUFFER_BYTES);

    private final @Nullable FileDescriptor descriptor;
    private long answerBytes;
    private long maxAnswerBytes = MAX_ANSWER_BYTES;

    /** @param descriptor what {@code out} writes to, or null when only {@code out} knows */
    Console(String program, PrintStream out, PrintStream err, boolean terminal, @Nullable FileDescriptor descriptor) {
        this.program = program;
        this.descriptor = descriptor;
        this.out = out;
        this.image = out;
        this.err = err;
        this.terminal = terminal;
    }

    /** The name that the tool was called by, which begins each message. */
    String program() {
        return program;
    }

    private static boolean isPeersHint(Throwable cause) {
        for (Throwable t = cause; t != null; t = t.getCause()) {
            if (t instanceof PeerException || t instanceof ImageInUseException) {
                return true;
            }
        }
        return false;
    }

    /** Called in the place of the tool that it stands in for: nothing is said that that one does not say. */
    boolean isDropIn() {
        return !program.equals(DiskMain.NAME);
    }

    /** Whether standard output is a terminal. */
    boolean isTerminal() {
        return terminal;
    }

    /** The same console with all that is printed on standard error, for a verb whose standard output holds an image. */
    Console onStandardError() {
        Console console = new Console(program, err, err, terminal, descriptor);
        console.image = out;
        return console;
    }

    /** Standard output for bytes instead of text; nothing may be printed beside them. */
    WritableByteChannel data() {
        return descriptor == null ? Channels.newChannel(image) : new FileOutputStream(descriptor).getChannel();
    }

    void print(String text) {
        byte[] bytes = StoredText.bytes(text);
        answerBytes += bytes.length;
        if (answerBytes > maxAnswerBytes) {
            throw fail(
                    "the answer would be longer than " + (maxAnswerBytes >> 10)
                            + " KiB, which is more than such an image needs",
                    "The image is damaged or made to harm: look at it with 'check'.");
        }
        pending.write(bytes, 0, bytes.length);
        if (terminal || pending.size() >= BUFFER_BYTES) {
            flush();
        }
    }

    /** For a verb that says of each place in an image at most once what is there: its answer is as long as the image asks. */
    void allowAnswerOfAnyLength() {
        maxAnswerBytes = Long.MAX_VALUE;
    }

    /**
     * For an answer that has a part for each of these snapshots, of which an image may have 65536: what stands in for another
     * tool lists them all, as that does, and jvirt itself stays within its bound.
     */
    void allowSnapshots(int count) {
        if (isDropIn()) {
            maxAnswerBytes += (long) count * SNAPSHOT_BYTES;
        }
    }

    void println(String text) {
        print(text);
        print("\n");
    }

    void flush() {
        try {
            pending.writeTo(out);
        } catch (IOException e) {
            throw new IllegalStateException(e);
        }
        pending.reset();
        out.flush();
    }

    /** True once standard output could not be written, as on a full disk. */
    boolean outputFailed() {
        return out.checkError();
    }

    void error(String message) {
        raw(program + ": " + message + "\n");
    }

    /** A damaged table of a snapshot is told in two lines: what is wrong with it, and what therefore could not be done. */
    void damagedTable(StorageException failure, String what) throws StorageException {
        String message = String.valueOf(failure.getMessage());
        if (message.startsWith("Snapshot L1 table")) {
            error(message);
            String reason = message.endsWith("too large") ? "File too large" : "Invalid argument";
            throw new StorageException(what + ": " + reason, failure.hint(), failure);
        }
    }

    void warn(String message) {
        raw(program + ": warning: " + message + "\n");
    }

    /** Text on standard error without the program's name: hints. */
    void raw(String text) {
        byte[] bytes = StoredText.bytes(text);
        err.write(bytes, 0, bytes.length);
        err.flush();
    }

    /** A message followed by the pointer to the help; ends the verb with 1. */
    VerbExit usage(String message) {
        error(message);
        raw("Try '" + program + " --help' for more information\n");
        return new VerbExit(1);
    }

    /** A message; ends the verb with 1. */
    VerbExit fail(String message) {
        return fail(message, "");
    }

    VerbExit fail(String message, @Nullable String hint) {
        error(message);
        if (hint != null && !hint.isEmpty()) {
            raw(hint + "\n");
        }
        return new VerbExit(1);
    }

    /** Reports what the engine or the operating system could not do; ends the verb with 1. */
    VerbExit failed(String prefix, IOException cause) {
        String hint = cause instanceof StorageException storage ? storage.hint() : null;
        if (isDropIn() && !isPeersHint(cause) && !(hint != null && hint.startsWith(REPAIR_HINT))) {
            hint = null;
        }
        String reason = isEvent(cause) ? CorruptImageException.reason(cause) : text(cause);
        if (isDropIn() && cause instanceof NbdException nbd) {
            reason = nbd.peerMessage();
        }
        tellEvent(cause);
        return fail(prefix + reason, hint == null ? null : ownHint(hint));
    }

    private static boolean isEvent(IOException cause) {
        return cause instanceof CorruptImageException && CorruptImageException.eventBehind(cause) != null;
    }

    /** Damage that QEMU tells as an event of the image gets its line before what therefore could not be done. */
    void tellEvent(IOException failure) {
        String event = CorruptImageException.eventBehind(failure);
        if (event != null) {
            raw(event + "\n");
        }
    }

    /** The engine's hints at a repair, which are qemu-img's, under the name that this tool was called by. */
    String ownHint(String line) {
        return line.startsWith(REPAIR_HINT) ? line.replace("qemu-img check", program + " check") : line;
    }

    /** The reason in the operating system's words, without the file's name where the message has it already. */
    static String text(IOException cause) {
        if (cause instanceof FileSystemException file) {
            if (file.getReason() != null) {
                return file.getReason();
            }
            return switch (file.getClass().getSimpleName()) {
                case "NoSuchFileException" -> "No such file or directory";
                case "AccessDeniedException" -> "Permission denied";
                case "FileAlreadyExistsException" -> "File exists";
                case "NotDirectoryException" -> "Not a directory";
                default -> String.valueOf(file.getMessage());
            };
        }
        String message = cause.getMessage();
        return message == null ? cause.getClass().getSimpleName() : message;
    }
}
