// SPDX-License-Identifier: Apache-2.0
package io.jvirt.cli.disk.stress;

import com.sun.management.OperatingSystemMXBean;
import io.jvirt.cli.disk.DiskMain;
import io.jvirt.storage.file.HostFile;
import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintStream;
import java.lang.management.ManagementFactory;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;

/** Runs one verb in this process and holds it to the bounds. What breaks one is an {@link AssertionError} that names it. */
final class BoundedVerb {
    static final long MAX_CPU_NANOS = 2_000_000_000L;
    static final long MAX_OUTPUT_BYTES = 1 << 20;
    /** A line of {@code map --output json}. */
    private static final long MAX_LINE_BYTES = 170;

    private static final long EXTENDED_L2 = 1 << 4;

    static final long MAX_RESIDENT_KIB = 256 << 10;

    /** A verb that waits instead of working is found by the clock; so late that a busy machine does not matter. */
    private static final long HANG_MILLIS = 60_000;

    private static final List<Integer> CODES = List.of(0, 1, 2, 3, 4, 63);
    private static final OperatingSystemMXBean SYSTEM =
            (OperatingSystemMXBean) ManagementFactory.getOperatingSystemMXBean();

    private BoundedVerb() {}

    /** What a verb answered. */
    record Answer(int code, String text) {}

    /** Counts what is printed and keeps its beginning. */
    private static final class Counted extends OutputStream {
        private final StringBuilder start = new StringBuilder();
        private long count;

        @Override
        public synchronized void write(int b) {
            count++;
            if (start.length() < 20_000) {
                start.append((char) (b & 0xff));
            }
        }

        @Override
        public synchronized void write(byte[] bytes, int from, int length) {
            int kept = Math.min(length, 20_000 - start.length());
            if (kept > 0) {
                start.append(new String(bytes, from, kept, StandardCharsets.ISO_8859_1));
            }
            count += length;
        }
    }

    /** Work that took too long is done once more: the first time, Java may still have been compiling it. */
    static Answer run(List<String> words) throws InterruptedException {
        try {
            return once(words);
        } catch (TooSlow e) {
            return once(words);
        }
    }

    private static final class TooSlow extends AssertionError {
        private static final long serialVersionUID = 1;

        TooSlow(long nanos) {
            super("took " + nanos / 1_000_000 + " ms of processor time");
        }
    }

    private static Answer once(List<String> words) throws InterruptedException {
        Counted printed = new Counted();
        PrintStream stream = new PrintStream(printed, true, StandardCharsets.UTF_8);
        int[] code = {-1};
        Throwable[] thrown = new Throwable[1];
        Thread verb = new Thread(() -> {
            try {
                code[0] = DiskMain.run("jvirt disk", words.toArray(new String[0]), stream, stream, null);
            } catch (Throwable e) {
                thrown[0] = e;
            }
        });
        long cpu = SYSTEM.getProcessCpuTime();
        verb.start();
        verb.join(HANG_MILLIS);
        cpu = SYSTEM.getProcessCpuTime() - cpu;
        if (verb.isAlive()) {
            StackTraceElement[] where = verb.getStackTrace();
            throw new AssertionError("still runs after a minute: " + Arrays.toString(where));
        }
        if (thrown[0] != null) {
            throw new AssertionError("threw", thrown[0]);
        }
        String text = printed.start.toString();
        if (!CODES.contains(code[0])) {
            throw new AssertionError("exit code " + code[0]);
        }
        if (code[0] != 0 && text.isBlank()) {
            throw new AssertionError("exit code " + code[0] + " without a word");
        }
        if (text.contains("Exception") || text.contains("Cannot allocate memory") || text.contains("\tat ")) {
            throw new AssertionError("unclear: " + text);
        }
        if (printed.count > maxOutputBytes(words)) {
            throw new AssertionError("printed " + printed.count + " bytes");
        }
        if (cpu > MAX_CPU_NANOS) {
            throw new TooSlow(cpu);
        }
        return new Answer(code[0], text);
    }

    /** A map has a line for each entry of its tables, or each of an entry's subclusters, and no more than that. */
    static long maxOutputBytes(List<String> words) {
        if (!words.get(0).equals("map")) {
            return MAX_OUTPUT_BYTES;
        }
        try (HostFile image = HostFile.open(Path.of(words.get(words.size() - 1)), true)) {
            ByteBuffer incompatible = ByteBuffer.allocate(80);
            image.readUpTo(0, incompatible);
            boolean subclusters = (incompatible.getLong(72) & EXTENDED_L2) != 0;
            return Math.max(MAX_OUTPUT_BYTES, image.allocatedBytes() / 8 * MAX_LINE_BYTES * (subclusters ? 16 : 1));
        } catch (IOException | InvalidPathException e) {
            return MAX_OUTPUT_BYTES;
        }
    }

    /** The most memory that this process ever held. */
    static long peakResidentKib() throws IOException {
        for (String line : Files.readAllLines(Path.of("/proc/self/status"))) {
            if (line.startsWith("VmHWM:")) {
                return Long.parseLong(line.replaceAll("\\D", ""));
            }
        }
        throw new IOException("/proc/self/status has no VmHWM");
    }
}
