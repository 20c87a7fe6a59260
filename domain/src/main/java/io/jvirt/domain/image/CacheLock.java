// SPDX-License-Identifier: Apache-2.0
package io.jvirt.domain.image;

import io.jvirt.domain.Cancellation;
import io.jvirt.domain.JvirtException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import org.jspecify.annotations.Nullable;

/**
 * One writer for each directory of the cache. The kernel's lock ends with the process that has it; the file says who that is.
 */
final class CacheLock implements AutoCloseable {
    /** Beside the directories, and never removed: a lock on a file that is gone keeps nobody away. */
    static final String DIRECTORY = "locks";

    private static final long POLL_MILLIS = 100;

    private final FileChannel channel;

    private CacheLock(FileChannel channel) {
        this.channel = channel;
    }

    private static Path file(CacheEntry entry) {
        return entry.directory().resolveSibling(DIRECTORY).resolve(entry.id());
    }

    /** Waits for the lock, telling how far the writer is, as long as the user does. */
    static CacheLock await(CacheEntry entry, ImageListener listener, Cancellation cancellation) throws IOException {
        boolean told = false;
        while (true) {
            CacheLock lock = tryTake(entry);
            if (lock != null) {
                return lock;
            }
            if (!told) {
                listener.note(entry.name() + " is being fetched by " + owner(entry) + "; waiting for it");
                told = true;
            }
            Validators known = entry.partValidators();
            long done = entry.part().toFile().length();
            listener.progress("wait for " + entry.name(), done, known == null ? -1 : known.totalBytes());
            cancellation.check();
            try {
                Thread.sleep(POLL_MILLIS);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                throw new IOException("interrupted", e);
            }
        }
    }

    /** REFUSED where another one has it. */
    static CacheLock take(CacheEntry entry) throws IOException {
        CacheLock lock = tryTake(entry);
        if (lock == null) {
            throw JvirtException.refused(
                    "the image " + entry.name() + " is in use by " + owner(entry), "try again when that has ended");
        }
        return lock;
    }

    private static @Nullable CacheLock tryTake(CacheEntry entry) throws IOException {
        Path file = file(entry);
        Files.createDirectories(file.getParent());
        FileChannel channel = FileChannel.open(file, StandardOpenOption.CREATE, StandardOpenOption.WRITE);
        try {
            FileLock lock = channel.tryLock();
            if (lock != null) {
                ByteBuffer owner = StandardCharsets.UTF_8.encode("process "
                        + ProcessHandle.current().pid() + " of " + System.getProperty("user.name", "somebody") + "\n");
                channel.truncate(0);
                channel.write(owner, 0);
                Files.createDirectories(entry.directory());
                return new CacheLock(channel);
            }
        } catch (OverlappingFileLockException e) {
            // Another thread of this process has it.
            channel.close();
            return null;
        } catch (IOException | RuntimeException e) {
            channel.close();
            throw e;
        }
        channel.close();
        return null;
    }

    private static String owner(CacheEntry entry) {
        try {
            String owner = Files.readString(file(entry)).strip();
            return owner.startsWith("process ") ? owner : "another process";
        } catch (IOException e) {
            return "another process";
        }
    }

    @Override
    public void close() throws IOException {
        channel.close();
    }
}
