// SPDX-License-Identifier: Apache-2.0
package io.jvirt.domain.journal;

import io.jvirt.domain.FileReason;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;

/** An entry's file: appended and synced record by record, read up to a torn last line. */
final class JournalFile implements AutoCloseable {
    /** Sees each record before it is written and after it is synced, where it is. Tests end the process' work there. */
    interface Boundary {
        void before(JournalRecord record) throws IOException;

        void after(JournalRecord record) throws IOException;

        Boundary NONE = new Boundary() {
            @Override
            public void before(JournalRecord record) {}

            @Override
            public void after(JournalRecord record) {}
        };
    }

    private static final long SYNC_NANOS = 1_000_000_000L;

    private final Path path;
    private final FileChannel channel;
    private final Boundary boundary;
    private long lastSync = System.nanoTime();

    private JournalFile(Path path, FileChannel channel, Boundary boundary) {
        this.path = path;
        this.channel = channel;
        this.boundary = boundary;
    }

    static JournalFile create(Path path, Boundary boundary) throws IOException {
        FileChannel channel = FileChannel.open(path, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE);
        return new JournalFile(path, channel, boundary);
    }

    /** Opens an entry to go on with it; a torn last line is cut off first, or the next record would be glued to it. */
    static JournalFile resume(Path path, Boundary boundary) throws IOException {
        long whole = wholeLines(Files.readAllBytes(path));
        FileChannel channel = FileChannel.open(path, StandardOpenOption.WRITE);
        channel.truncate(whole);
        channel.position(whole);
        return new JournalFile(path, channel, boundary);
    }

    /** Appends a record; it survives a power cut once this returns. */
    void append(JournalRecord record) throws IOException {
        append(record, true);
    }

    /** Appends one that survives the end of the process, and a power cut unless that comes within a second. */
    void appendSoon(JournalRecord record) throws IOException {
        append(record, System.nanoTime() - lastSync > SYNC_NANOS);
    }

    private void append(JournalRecord record, boolean isSynced) throws IOException {
        try {
            boundary.before(record);
            write(record, isSynced);
            boundary.after(record);
        } catch (IOException e) {
            throw new IOException("cannot write to the journal " + path + ": " + FileReason.of(e), e);
        }
    }

    private void write(JournalRecord record, boolean isSynced) throws IOException {
        ByteBuffer line = ByteBuffer.wrap((JournalJson.write(record) + "\n").getBytes(StandardCharsets.UTF_8));
        while (line.hasRemaining()) {
            channel.write(line);
        }
        if (isSynced) {
            channel.force(true);
            lastSync = System.nanoTime();
        }
    }

    /** All whole records; a last line without its end was never acknowledged. A damaged whole line is an IOException. */
    static List<JournalRecord> read(Path path) throws IOException {
        byte[] bytes = Files.readAllBytes(path);
        String text = new String(bytes, 0, (int) wholeLines(bytes), StandardCharsets.UTF_8);
        List<JournalRecord> records = new ArrayList<>();
        for (String line : text.split("\n", -1)) {
            if (!line.isEmpty()) {
                records.add(JournalJson.read(line));
            }
        }
        return records;
    }

    private static long wholeLines(byte[] bytes) {
        int end = bytes.length;
        while (end > 0 && bytes[end - 1] != '\n') {
            end--;
        }
        return end;
    }

    void delete() throws IOException {
        channel.close();
        Files.deleteIfExists(path);
        syncDirectory(path);
    }

    static void syncDirectory(Path file) throws IOException {
        Path directory = file.toAbsolutePath().getParent();
        if (directory != null) {
            try (FileChannel d = FileChannel.open(directory, StandardOpenOption.READ)) {
                d.force(true);
            }
        }
    }

    @Override
    public void close() throws IOException {
        channel.close();
    }
}
