// SPDX-License-Identifier: Apache-2.0
package io.jvirt.storage.qcow2.check;

import io.jvirt.storage.StorageException;
import io.jvirt.storage.file.ByteStore;
import io.jvirt.storage.file.HostFile;
import java.io.Closeable;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeSet;
import java.util.zip.CRC32;

/**
 * What an image held before a repair, so that the repair can be taken back. Big-endian: the magic, the image's size before
 * (u64), then records of kind (u32), offset (u64), length (u32), CRC-32 of the data (u32) and, for saved blocks, the data.
 * When the repair is whole, a record without data tells for each saved block what it holds afterwards, and the last one
 * the image's size: an undo refuses an image that was written since.
 */
public final class UndoJournal implements Closeable {
    private static final long MAGIC = 0x4a56554e444f3031L;
    private static final int SAVED = 1;
    private static final int AFTER = 2;
    private static final int FINAL_SIZE = 3;
    private static final int HEAD_BYTES = 20;
    private static final int START_BYTES = 16;

    /** Blocks of this size are saved whole, once, so that a repair of many entries waits for few syncs. */
    static final int BLOCK_BYTES = 64 * 1024;

    private final FileChannel channel;
    private final ByteStore image;
    private final TreeSet<Long> saved = new TreeSet<>();
    private final long originalBytes;

    private UndoJournal(FileChannel channel, ByteStore image, long originalBytes) {
        this.channel = channel;
        this.image = image;
        this.originalBytes = originalBytes;
    }

    /** Begins a journal; one that exists belongs to an earlier repair and is an error. */
    public static UndoJournal create(Path file, ByteStore image) throws IOException {
        if (Files.exists(file)) {
            throw new StorageException(
                    "'" + file + "' holds what an earlier repair changed",
                    "take that repair back with check --undo, or remove the file");
        }
        FileChannel channel = FileChannel.open(file, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE);
        UndoJournal journal = new UndoJournal(channel, image, image.sizeBytes());
        journal.append(ByteBuffer.allocate(START_BYTES)
                .putLong(MAGIC)
                .putLong(journal.originalBytes)
                .flip());
        channel.force(true);
        HostFile.syncDirectory(file);
        return journal;
    }

    /** Saves the blocks of a range that are not yet saved; once this returns the range may be overwritten. */
    void save(long offset, long lengthBytes) throws IOException {
        boolean added = false;
        long end = Math.min(offset + lengthBytes, originalBytes);
        for (long at = offset / BLOCK_BYTES * BLOCK_BYTES; at < end; at += BLOCK_BYTES) {
            if (saved.add(at)) {
                ByteBuffer block = block(image, at);
                append(head(SAVED, at, block));
                append(block);
                added = true;
            }
        }
        if (added) {
            channel.force(false);
        }
    }

    /** Whether anything was changed at all. */
    public boolean isEmpty() throws IOException {
        return saved.isEmpty() && image.sizeBytes() == originalBytes;
    }

    /** Ends the journal: the repair is whole. */
    public void finish() throws IOException {
        for (long at : saved) {
            append(head(AFTER, at, block(image, at)));
        }
        append(head(FINAL_SIZE, image.sizeBytes(), ByteBuffer.allocate(0)));
        channel.force(false);
    }

    @Override
    public void close() throws IOException {
        channel.close();
    }

    private void append(ByteBuffer bytes) throws IOException {
        while (bytes.hasRemaining()) {
            channel.write(bytes);
        }
    }

    private ByteBuffer block(ByteStore store, long offset) throws IOException {
        ByteBuffer block = ByteBuffer.allocate((int) Math.min(BLOCK_BYTES, originalBytes - offset));
        store.readZeroPadded(offset, block);
        return block.flip();
    }

    private static ByteBuffer head(int kind, long offset, ByteBuffer data) {
        return ByteBuffer.allocate(HEAD_BYTES)
                .putInt(kind)
                .putLong(offset)
                .putInt(data.remaining())
                .putInt(checksum(data))
                .flip();
    }

    private static int checksum(ByteBuffer data) {
        CRC32 checksum = new CRC32();
        checksum.update(data.duplicate());
        return (int) checksum.getValue();
    }

    private record SavedBlock(long offset, long journalOffset, int length) {}

    /** Puts an image back to what it was before the repair. The journal can be removed once this returns. */
    public static void undo(Path file, ByteStore image) throws IOException {
        try (FileChannel channel = FileChannel.open(file, StandardOpenOption.READ)) {
            ByteBuffer start = read(channel, 0, START_BYTES);
            if (start.remaining() < START_BYTES || start.getLong() != MAGIC) {
                throw new StorageException("'" + file + "' is not the journal of a repair");
            }
            long originalBytes = start.getLong();
            List<SavedBlock> blocks = readRecords(file, channel, image);
            for (SavedBlock block : blocks) {
                image.write(block.offset(), read(channel, block.journalOffset(), block.length()));
            }
            image.truncate(originalBytes);
            image.sync();
        }
    }

    /** Reads up to the first record that is not whole: what follows it was never relied upon. */
    private static List<SavedBlock> readRecords(Path file, FileChannel channel, ByteStore image) throws IOException {
        List<SavedBlock> blocks = new ArrayList<>();
        long at = START_BYTES;
        while (true) {
            ByteBuffer head = read(channel, at, HEAD_BYTES);
            if (head.remaining() < HEAD_BYTES) {
                return blocks;
            }
            int kind = head.getInt();
            long offset = head.getLong();
            int length = head.getInt();
            int checksum = head.getInt();
            at += HEAD_BYTES;
            if (offset < 0 || length < 0 || length > BLOCK_BYTES) {
                return blocks;
            }
            if (kind == SAVED) {
                ByteBuffer data = read(channel, at, length);
                if (data.remaining() < length || checksum(data) != checksum) {
                    return blocks;
                }
                blocks.add(new SavedBlock(offset, at, length));
                at += length;
            } else {
                checkUnchanged(file, image, kind, offset, length, checksum);
            }
        }
    }

    private static void checkUnchanged(Path file, ByteStore image, int kind, long offset, int length, int checksum)
            throws IOException {
        boolean same;
        if (kind == FINAL_SIZE) {
            same = image.sizeBytes() == offset;
        } else {
            ByteBuffer now = ByteBuffer.allocate(length);
            image.readZeroPadded(offset, now);
            same = checksum(now.flip()) == checksum;
        }
        if (!same) {
            throw new StorageException(
                    "'" + image.name() + "' was written since the repair, so that the repair cannot be taken back",
                    "remove '" + file + "' if the image is as it should be");
        }
    }

    private static ByteBuffer read(FileChannel channel, long at, int length) throws IOException {
        ByteBuffer bytes = ByteBuffer.allocate(length);
        long position = at;
        while (bytes.hasRemaining()) {
            int count = channel.read(bytes, position);
            if (count < 0) {
                break;
            }
            position += count;
        }
        return bytes.flip();
    }
}
